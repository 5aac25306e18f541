import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { ROOT } from './services.ts';

type Found = { passes: unknown[]; violations: { id: string; nodes: { target: unknown[] }[] }[] };
type Axe = { run(root: Document, options: object): Promise<Found> };
const ofTests = createRequire(join(ROOT, 'tests/package.json'));
const source = readFileSync(
  createRequire(ofTests.resolve('@axe-core/playwright')).resolve('axe-core/axe.min.js'),
  'utf8',
);
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Puts axe into every page of this context before its own scripts, so that looking at a page costs one call. */
export const withAxe = (context: BrowserContext): Promise<unknown> => context.addInitScript(source);

const allRules = { type: 'tag', values: tags };
/** What the other colours of the same page can break. */
const ofColours = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };

/** @returns the rules of WCAG 2.2 A and AA that are broken on a page of such a context, with where. @param of only some of them */
export async function axeFaults(page: Page, of: 'all' | 'colours' = 'all'): Promise<string[]> {
  const { passes, violations } = await page.evaluate(
    async (runOnly) => {
      const { axe } = globalThis as unknown as { axe: Axe };
      const found = await axe.run(document, { runOnly, resultTypes: ['violations'] });
      return {
        passes: found.passes.length,
        violations: found.violations.map((v) => ({ id: v.id, where: v.nodes.map((n) => n.target.join(' ')) })),
      };
    },
    of === 'all' ? allRules : ofColours,
  );
  if (passes < (of === 'all' ? 5 : 1)) throw new Error(`axe looked at next to nothing: ${passes} rules passed`);
  return violations.map((v) => `${v.id}: ${v.where.slice(0, 3).join(' | ')}`);
}
