import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { findBrowser } from './browser.mjs';
import { buildWeb } from './buildWeb.mjs';
import { ROOT, TOOLS } from './paths.mjs';
import { runProgram } from './program.mjs';
import { findTurn } from './turn.mjs';
import { findLivekit } from './services/livekitBinary.mjs';
import { buildLivekit, findGo } from './services/livekitBuild.mjs';
import { findRedis } from './services/redisBinary.mjs';

const OUTPUT = join(ROOT, '.test-output');
const REPORT = join(OUTPUT, 'vitest.json');
const SLOWEST = 10;

/** `npm test`: all suites once. The last line is always `N passed, N failed, N skipped`. */
export async function test(args) {
  const say = (text) => console.log(text);
  await findRedis(TOOLS, say);
  const browser = findBrowser(say);
  if (!browser) say('No Chromium was found: the browser suites are skipped. Install one, or set CHROME_PATH.');
  const livekit = await hasLivekit(say);
  if (!livekit)
    say('No LiveKit server can be had: its suites are skipped. Install Go, or put a livekit-server on the PATH.');
  const turn = findTurn(say);
  await buildWeb({ say });

  mkdirSync(OUTPUT, { recursive: true });
  rmSync(REPORT, { force: true });
  const env = { ...process.env, ...(browser ? { CHROME_PATH: browser } : { HEARTHLINE_NO_BROWSER: '1' }) };
  if (turn) env.HEARTHLINE_TURNSERVER = turn;
  const vitest = join(ROOT, 'tests', 'node_modules', 'vitest', 'vitest.mjs');
  const options = ['run', '--root', ROOT, '--config', join(ROOT, 'vitest.config.ts')];
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${REPORT}`];
  // what a machine cannot have is not started at all, but named below
  const missing = [...(browser ? [] : ['browser', 'timed']), ...(livekit ? [] : ['livekit', 'media'])];
  const only = missing.map((name) => `--project=!${name}`);
  const { code } = await runProgram([vitest, ...options, ...reporters, ...only, ...args], { env });
  if (!existsSync(REPORT)) {
    console.error('The test runner ended without a report.');
    return last({ passed: 0, failed: 1, skipped: 0 }, code || 1);
  }
  const report = JSON.parse(readFileSync(REPORT, 'utf8'));
  const sum = addUp(report);
  if (!browser) sum.skipped.push('browser: every suite in tests/browser (no Chromium)');
  if (!livekit) sum.skipped.push('livekit: every suite named *.livekit.test.ts (no LiveKit server)');
  printSlowest(report);
  for (const name of sum.skipped) console.log(`skipped: ${name}`);
  if (sum.passed + sum.failed === 0) console.error('No test ran.');
  const counts = { passed: sum.passed, failed: sum.failed, skipped: sum.skipped.length };
  return last(counts, sum.failed > 0 || sum.passed === 0 ? 1 : code);
}

/** There, or built from our own Go module where there is a Go; both are kept for the next run. */
async function hasLivekit(say) {
  if (findLivekit(TOOLS, { docker: false, say })) return true;
  const go = findGo();
  return go !== undefined && buildLivekit(go, TOOLS, say);
}

/** Adds up the single tests; a file that failed to load counts as one failed test, so that it cannot hide. */
export function addUp(report) {
  const sum = { passed: 0, failed: 0, skipped: [] };
  for (const file of report.testResults) {
    const name = relative(ROOT, file.name);
    for (const one of file.assertionResults) {
      if (one.status === 'passed') sum.passed++;
      else if (one.status === 'failed') sum.failed++;
      else sum.skipped.push(`${name} > ${one.fullName}`);
    }
    if (file.status === 'failed' && !file.assertionResults.some((one) => one.status === 'failed')) sum.failed++;
  }
  return sum;
}

function printSlowest(report) {
  const files = report.testResults.map((file) => ({
    name: relative(ROOT, file.name),
    ms: file.endTime - file.startTime,
  }));
  files.sort((a, b) => b.ms - a.ms);
  console.log('\nslowest files');
  for (const { name, ms } of files.slice(0, SLOWEST)) console.log(`${(ms / 1000).toFixed(1).padStart(7)} s  ${name}`);
}

function last({ passed, failed, skipped }, code) {
  // an error outside of any test ends with a code of its own, though no test failed
  if (code !== 0 && failed === 0) console.error('Something failed outside of the tests; see above.');
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return code;
}
