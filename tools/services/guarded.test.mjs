import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { guarded } from './guarded.mjs';

const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const MODULE = fileURLToPath(new URL('./guarded.mjs', import.meta.url));

test('tells the pid of the program itself and its exit code', async () => {
  const one = guarded('/bin/sh', ['-c', 'exit 7']);
  expect((await one.exited).code).toBe(7);
  expect(one.running).toBe(false);
});

test('a program that does not hear SIGTERM is killed after the grace', async () => {
  const one = guarded('/bin/sh', ['-c', "trap '' TERM; echo up; while :; do sleep 0.1; done"], { graceMs: 300 });
  await new Promise((done) => one.stdout.once('data', done));
  await one.stop();
  expect(alive(one.pid)).toBe(false);
});

test('a SIGKILL of the parent stops the program', async () => {
  const script = `import { guarded } from ${JSON.stringify(MODULE)};
    const one = guarded('/bin/sleep', ['60']);
    while (!one.pid) await new Promise((done) => setTimeout(done, 5));
    console.log(one.pid);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = Number(await new Promise((done) => parent.stdout.once('data', done)));
  expect(alive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await expect.poll(() => zombieOrGone(pid), { timeout: 5000 }).toBe(true);
});

/** In a container nobody may reap an orphan; a zombie has stopped all the same. */
function zombieOrGone(pid) {
  if (!alive(pid)) return true;
  const ps = spawn('ps', ['-o', 'stat=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] });
  return new Promise((done) => {
    let text = '';
    ps.stdout.on('data', (part) => (text += part));
    ps.on('close', () => done(/^Z|^$/.test(text.trim())));
  });
}
