import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const dayShape = /^\d{4}-\d\d-\d\d$/;
const rememberMs = 15 * 60_000;

export type KeyRing = {
  /** The key-encryption key of a line and day, made if there is none; 32 bytes. Two processes at once get the same. */
  kekFor(lineId: string, day: string): Buffer;
  /** Null when it was never made or is destroyed: what it wrapped cannot be read any more, by anybody. */
  existing(lineId: string, day: string): Buffer | null;
  /** Destroys the keys of days before `day` that `keep` does not name as `lineId/day`. @returns what went. */
  destroyOlderThan(day: string, keep: ReadonlySet<string>): string[];
};

export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/**
 * Key-encryption keys as files, one a line and day, in a folder beside the data and never in its backups. Shared by all
 * nodes. Losing the folder loses every conversation; destroying a file is what makes a purge final in backups.
 */
export function openKeyRing(dir: string, now: () => number = Date.now): KeyRing {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const known = new Map<string, { key: Buffer; until: number }>();

  function pathOf(lineId: string, day: string): string {
    if (!uuid.test(lineId) || !dayShape.test(day)) throw new Error('not a line id and a day'); // they become a path
    return join(dir, lineId, `${day}.kek`);
  }
  function existing(lineId: string, day: string): Buffer | null {
    const path = pathOf(lineId, day);
    const cached = known.get(path);
    if (cached && cached.until > now()) return cached.key;
    known.delete(path);
    if (!existsSync(path)) return null;
    const key = readFileSync(path);
    if (key.length !== 32) throw new Error(`the key file ${lineId}/${day} is damaged`);
    known.set(path, { key, until: now() + rememberMs });
    return key;
  }
  return {
    existing,
    kekFor(lineId, day) {
      const there = existing(lineId, day);
      if (there) return there;
      const path = pathOf(lineId, day);
      mkdirSync(join(dir, lineId), { recursive: true, mode: 0o700 });
      const made = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
      writeFileSync(made, randomBytes(32), { mode: 0o600, flush: true });
      try {
        linkSync(made, path); // fails when another process was first: then theirs counts
      } catch (e) {
        if ((e as NodeJS.ErrnoException).code !== 'EEXIST') throw e;
      } finally {
        unlinkSync(made);
      }
      const key = existing(lineId, day);
      if (!key) throw new Error('the key file just made is not there');
      return key;
    },
    destroyOlderThan(day, keep) {
      const gone: string[] = [];
      for (const lineId of readdirSync(dir).filter((d) => uuid.test(d))) {
        for (const file of readdirSync(join(dir, lineId))) {
          const made = file.slice(0, 10);
          if (!file.endsWith('.kek') || made >= day || keep.has(`${lineId}/${made}`)) continue;
          const path = join(dir, lineId, file);
          writeFileSync(path, randomBytes(statSync(path).size), { flush: true });
          rmSync(path);
          known.delete(path);
          gone.push(`${lineId}/${made}`);
        }
      }
      return gone;
    },
  };
}
