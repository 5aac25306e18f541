import { join } from 'node:path';
import { ROOT } from './paths.mjs';
import { runProgram } from './program.mjs';

// svelte-kit sync writes the types that svelte-check reads, so one must follow the other
const cwd = join(ROOT, 'web');
const bin = (path) => join(cwd, 'node_modules', path);
const sync = await runProgram([bin('@sveltejs/kit/svelte-kit.js'), 'sync'], { cwd });
process.exit(sync.code || (await runProgram([bin('svelte-check/bin/svelte-check'), '--tsgo'], { cwd })).code);
