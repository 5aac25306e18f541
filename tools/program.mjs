import { spawn } from 'node:child_process';
import { ROOT } from './paths.mjs';
import { onParentDeath } from './parentWatch.mjs';

/**
 * Runs one of our programs on this Node to its end, in the foreground.
 *
 * @param {{ env?: NodeJS.ProcessEnv, quiet?: boolean, cwd?: string }} options quiet: keep the output, give it back
 * @returns {Promise<{ code: number, output: string }>}
 */
export function runProgram(args, { env = process.env, quiet = false, cwd = ROOT } = {}) {
  return new Promise((done, fail) => {
    const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit';
    const child = spawn(process.execPath, args, { cwd, env, stdio });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += text));
    const stop = () => child.kill('SIGTERM');
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
    onParentDeath(stop);
    child.on('error', fail);
    child.on('close', (code) => {
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, stop);
      done({ code: code ?? 1, output });
    });
  });
}
