import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.mjs';
import { runProgram } from './program.mjs';

// the messages are compiled and svelte-kit writes its types first: svelte-check reads both
const cwd = join(ROOT, 'web');
rmSync(join(cwd, '.svelte-kit', '.svelte-check'), { recursive: true, force: true }); // it keeps pages that are gone
const bin = (path) => join(cwd, 'node_modules', path);
for (const args of [
  [join(cwd, 'messages.compile.ts')],
  [bin('@sveltejs/kit/svelte-kit.js'), 'sync'],
  [bin('svelte-check/bin/svelte-check'), '--tsgo'],
]) {
  const { code } = await runProgram(args, { cwd });
  if (code !== 0) process.exit(code);
}
