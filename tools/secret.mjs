import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The secret of this installation: from the environment, else from the data folder, where it is made once. */
export const installationSecret = (data) => process.env.HEARTHLINE_SECRET || kept(data, 'secret');

/** The key that push services know this installation by: 32 random bytes are a private key of P-256, but for a chance of 1 in 2^32. */
export const vapidKey = (data) => process.env.HEARTHLINE_VAPID_PRIVATE_KEY || kept(data, 'vapid');

/** 32 random bytes in base64url, made once. */
function kept(data, name) {
  const file = join(data, name);
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
