import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import lighthouse, { type Result } from 'lighthouse';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT, raisedLimits, startStack, type Stack } from '../support/services.ts';
import { freePort } from '../support/stack.ts';
import { visitor } from '../support/visitor.ts';
import { chromePath } from './people.ts';

const wanted = { accessibility: 1, 'best-practices': 1, performance: 0.95 };
type Category = keyof typeof wanted;
const runs = 3;
const out = join(ROOT, '.test-output', 'lighthouse');

/** What cost points, for the one who reads the failure. */
const misses = (report: Result, category: Category): string[] =>
  (report.categories[category]?.auditRefs ?? [])
    .map((ref) => report.audits[ref.id])
    .filter((a) => a?.score != null && a.score < 1 && a.scoreDisplayMode !== 'informative')
    .map((a) => `${category}: ${a?.title} (${a?.displayValue ?? a?.score})`);

if (!chromePath) console.warn('SKIPPED: Lighthouse of the first page, there is no Chromium (set CHROME_PATH)');
describe.skipIf(!chromePath)('Lighthouse (mobile) of the first page', () => {
  let stack: Stack;
  let browser: Browser;
  let port: number;
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    port = await freePort();
    browser = await chromium.launch({
      ...(chromePath ? { executablePath: chromePath } : {}),
      args: ['--no-sandbox', '--disable-quic', `--remote-debugging-port=${port}`],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  /**
   * The best of at most three: a busy machine takes points of performance, it never gives any. Chromium sometimes loses
   * the start of a trace (NO_NAVSTART), and Lighthouse asks to be run again then; three of these in a row are a failure.
   */
  async function best(name: string): Promise<Result> {
    mkdirSync(out, { recursive: true });
    let chosen: Result | undefined;
    let broken: Result['runtimeError'];
    for (let run = 0; run < runs && (chosen?.categories['performance']?.score ?? 0) < wanted.performance; run++) {
      const done = await lighthouse(`${stack.url}/`, {
        port,
        output: 'json',
        logLevel: 'silent',
        onlyCategories: Object.keys(wanted),
      });
      if (!done) throw new Error('Lighthouse gave no result');
      const { lhr } = done;
      broken = lhr.runtimeError;
      if (broken) continue;
      const score = (r: Result | undefined) => r?.categories['performance']?.score ?? -1;
      if (score(lhr) <= score(chosen)) continue;
      chosen = lhr;
      writeFileSync(join(out, `${name}.json`), String(done.report));
    }
    if (!chosen) throw new Error(`Lighthouse gave no score: ${broken?.message ?? 'none at all'}`);
    return chosen;
  }

  test.each(['closed', 'open'])(
    'the %s line: 100 accessibility, 100 best practices, at least 95 performance',
    async (name) => {
      if (name === 'open') {
        const maya = visitor(stack);
        await maya.signInAs('maya');
        expect((await maya.door('shift.start', { commandId: crypto.randomUUID() })).status).toBe(200);
      }
      const { text } = await visitor(stack).get('/');
      expect(text.includes('/start?')).toBe(name === 'open');
      const report = await best(name);
      for (const category of Object.keys(wanted) as Category[])
        expect(report.categories[category]?.score, misses(report, category).join('\n')).toBeGreaterThanOrEqual(
          wanted[category],
        );
    },
  );
});
