import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The secret of this installation: from the environment, else from the data folder, where it is made once. */
export function installationSecret(data) {
  if (process.env.HEARTHLINE_SECRET) return process.env.HEARTHLINE_SECRET;
  const file = join(data, 'secret');
  const half = `${file}.${process.pid}`;
  writeFileSync(half, randomBytes(32).toString('base64url'), { mode: 0o600 });
  try {
    linkSync(half, file); // whole or not at all, and never over one that is there
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(half, { force: true });
  }
  return readFileSync(file, 'utf8').trim();
}
