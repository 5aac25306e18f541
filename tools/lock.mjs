// Parses on Node 18: the bootstrap uses it before the pinned Node is there.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const PATIENCE_MS = 600_000;

/** Runs `act` while no other process holds `folder`; a lock whose owner has died is taken over. */
export async function withLock(folder, act, patienceMs = PATIENCE_MS) {
  mkdirSync(dirname(folder), { recursive: true });
  const end = Date.now() + patienceMs;
  while (!take(folder)) {
    if (Date.now() > end)
      throw new Error(`another command has held ${folder} for ${patienceMs / 60_000} minutes; remove it if none runs`);
    await new Promise((done) => setTimeout(done, 200));
  }
  try {
    return await act();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function take(folder) {
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, 'pid'), String(process.pid));
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (!held(folder)) rmSync(folder, { recursive: true, force: true });
    return false;
  }
}

function held(folder) {
  try {
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')) || -1, 0);
    return true;
  } catch (error) {
    if (error.code === 'EPERM') return true;
    if (error.code === 'ESRCH') return false;
    // between mkdir and the pid file: give its owner a moment before calling it dead
    const made = statSync(folder, { throwIfNoEntry: false });
    return made !== undefined && Date.now() - made.mtimeMs < 5000;
  }
}
