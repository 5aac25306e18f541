import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, TOOLS } from './paths.mjs';
import { runProgram } from './program.mjs';

const module_ = (...parts) => join(ROOT, ...parts);
const tsc = (name) => ({
  name: `types of ${name}`,
  args: [module_(name, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', module_(name)],
});

const CHECKS = [
  {
    name: 'pages (svelte-check)',
    needs: 'web/vite.config.ts',
    cwd: module_('web'),
    args: [module_('tools/checkWeb.mjs')],
  },
  {
    name: 'lint (eslint)',
    args: [
      module_('node_modules/eslint/bin/eslint.js'),
      '.',
      '--cache',
      '--cache-location',
      join(TOOLS, 'eslint/'),
      '--max-warnings=0',
    ],
  },
  {
    name: 'layout (prettier)',
    args: [
      module_('node_modules/prettier/bin/prettier.cjs'),
      '--check',
      '.',
      '--log-level=warn',
      '--cache',
      '--cache-location',
      join(TOOLS, 'prettier'),
    ],
  },
  ...['shared', 'server', 'workers', 'tests'].map(tsc),
  {
    name: 'arrows (dependency-cruiser)',
    args: [
      module_('node_modules/dependency-cruiser/bin/dependency-cruiser.mjs'),
      '--config',
      module_('.dependency-cruiser.cjs'),
      '--output-type',
      'err',
      'shared/src',
      'server/src',
      'workers/src',
      'web/src',
    ],
  },
  {
    name: 'domain tests',
    args: [
      module_('tests/node_modules/vitest/vitest.mjs'),
      'run',
      '--root',
      ROOT,
      '--config',
      module_('vitest.config.ts'),
      '--project=domain',
      '--reporter=dot',
    ],
  },
];
const AT_ONCE = 3;

/** `npm run check`: everything that needs no service, side by side; `npm run check -- types` runs those of that name. */
export async function check([filter = '']) {
  const waiting = CHECKS.filter(({ name, needs }) => name.includes(filter) && (!needs || existsSync(module_(needs))));
  let failed = 0;
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const since = Date.now();
      const { code, output } = await runProgram(next.args, { quiet: true, ...(next.cwd ? { cwd: next.cwd } : {}) });
      const took = `${((Date.now() - since) / 1000).toFixed(1)} s`;
      console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${next.name}  ${took}`);
      if (code === 0) continue;
      failed++;
      console.log(output.trimEnd());
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return failed === 0 ? 0 : 1;
}
