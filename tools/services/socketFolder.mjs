import { createHash } from 'node:crypto';
import { chmodSync, chownSync, lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, basename, join } from 'node:path';

/**
 * A short private folder for the sockets of one data folder. A socket path has at most 104 bytes on macOS and 107 on
 * Linux, so it cannot lie in the data folder itself; a hash instead of a random name means a crash leaves no litter.
 */
export function socketFolder(data, kind, owner = {}) {
  const uid = process.getuid?.() ?? 0;
  const place = tmpdir().length <= 60 ? tmpdir() : '/tmp';
  const name = createHash('sha256')
    .update(`${uid}:${real(data)}`)
    .digest('hex')
    .slice(0, 12);
  const folder = join(place, `hearthline-${kind}-${name}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  // the place is shared with everyone on the machine: a folder that someone else has put there is not ours to use
  if (!found.isDirectory() || (uid !== 0 && found.uid !== uid))
    throw new Error(`${folder} belongs to someone else; remove it, or set TMPDIR to a folder of your own`);
  if (uid === 0) chownSync(folder, owner.uid ?? 0, owner.gid ?? 0);
  chmodSync(folder, 0o700);
  return folder;
}

/** The real path, also of a folder that is yet to be made. */
function real(path) {
  try {
    return realpathSync(path);
  } catch {
    return join(real(dirname(path)), basename(path));
  }
}
