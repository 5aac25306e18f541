import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { unwrap, wrap, wrapBytes } from './wrap.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const dayShape = /^\d{4}-\d\d-\d\d$/;
const leftOver = /\.kek\.\d+\.[0-9a-f]{8}$/;
const rememberMs = 15 * 60_000;
const keyBytes = 32;

export type KeyRing = {
  /** The key-encryption key of a line and day, made if there is none; 32 bytes. Two processes at once get the same. */
  kekFor(lineId: string, day: string): Buffer;
  /**
   * Null when it was never made or is destroyed: what it wrapped cannot be read any more, by anybody. Another process
   * that had it in memory forgets it within 15 minutes.
   */
  existing(lineId: string, day: string): Buffer | null;
  /** Destroys the keys of days before `day` that `keep` does not name as `lineId/day`. @returns what went. */
  destroyOlderThan(day: string, keep: ReadonlySet<string>): string[];
};

export type KeyRingOptions = {
  /** 32 bytes from a KMS. New key files are wrapped by it; plain ones made before it was there can still be read. */
  root?: Buffer;
  now?: () => number;
};

export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/**
 * Key-encryption keys as files, one a line and day, in a folder beside the data and never in its backups. Shared by all
 * nodes. Losing the folder loses every conversation; destroying a file is what makes a purge final in backups.
 */
export function openKeyRing(dir: string, { root, now = Date.now }: KeyRingOptions = {}): KeyRing {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const known = new Map<string, { key: Buffer; until: number }>();

  function pathOf(lineId: string, day: string): string {
    if (!uuid.test(lineId) || !dayShape.test(day)) throw new Error('not a line id and a day'); // they become a path
    return join(dir, lineId, `${day}.kek`);
  }
  function decode(stored: Buffer, name: string): Buffer {
    if (stored.length === keyBytes) return stored;
    if (stored.length !== keyBytes + wrapBytes) throw new Error(`the key file ${name} is damaged`);
    if (!root) throw new Error(`the key file ${name} needs the root key`);
    return unwrap(root, stored, rootAad(name));
  }
  function existing(lineId: string, day: string): Buffer | null {
    const path = pathOf(lineId, day);
    for (const [each, { until }] of known) if (until <= now()) known.delete(each);
    const cached = known.get(path);
    if (cached) return cached.key;
    const stored = readIfThere(path);
    if (!stored) return null;
    const key = decode(stored, `${lineId}/${day}`);
    known.set(path, { key, until: now() + rememberMs });
    return key;
  }
  return {
    existing,
    kekFor(lineId, day) {
      const there = existing(lineId, day);
      if (there) return there;
      const made = randomBytes(keyBytes);
      create(pathOf(lineId, day), root ? wrap(root, made, rootAad(`${lineId}/${day}`)) : made);
      const key = existing(lineId, day);
      if (!key) throw new Error('the key file just made is not there');
      return key;
    },
    destroyOlderThan(day, keep) {
      const gone: string[] = [];
      for (const lineId of readdirSync(dir).filter((d) => uuid.test(d))) {
        for (const file of readdirSync(join(dir, lineId))) {
          const made = file.slice(0, 10);
          const path = join(dir, lineId, file);
          if (!dayShape.test(made) || made >= day) continue;
          // of a crash while making a key; it may be the same bytes on disk as a key that is kept, so never overwritten
          if (leftOver.test(file)) rmSync(path, { force: true });
          if (file !== `${made}.kek` || keep.has(`${lineId}/${made}`)) continue;
          known.delete(path);
          if (shred(path)) gone.push(`${lineId}/${made}`);
        }
      }
      return gone;
    },
  };
}

const rootAad = (name: string) => `kek|${name}`;

function orNull<T>(code: string, act: () => T): T | null {
  try {
    return act();
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code !== code) throw e;
    return null;
  }
}
const readIfThere = (path: string): Buffer | null => orNull('ENOENT', () => readFileSync(path));

/** Whole or not at all, and on disk before it wraps anything: a row must not outlive a key that a power cut took. */
function create(path: string, bytes: Buffer): void {
  const folder = dirname(path);
  if (mkdirSync(folder, { recursive: true, mode: 0o700 })) syncFolder(dirname(folder));
  const made = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(made, bytes, { mode: 0o600, flush: true });
  try {
    orNull('EEXIST', () => linkSync(made, path)); // another process was first: then theirs counts
  } finally {
    unlinkSync(made);
  }
  syncFolder(folder);
}

function syncFolder(folder: string): void {
  if (process.platform === 'win32') return; // folders cannot be opened there
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Overwrites, then removes; false when another node has done it. Copies that a disk keeps by itself are out of reach. */
function shred(path: string): boolean {
  const fd = orNull('ENOENT', () => openSync(path, 'r+')); // never creates what another node has just removed
  if (fd === null) return false;
  try {
    writeSync(fd, randomBytes(fstatSync(fd).size), 0, undefined, 0);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  rmSync(path, { force: true });
  syncFolder(dirname(path));
  return true;
}
