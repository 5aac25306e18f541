import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openKeyRing } from './keyRing.ts';
import { newDataKey } from './wrap.ts';

const lineId = '11111111-1111-4111-8111-111111111111';
const day = '2026-03-01';
const none: ReadonlySet<string> = new Set();
let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'ring-')), 'keys');
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }));
const fileOf = (d: string) => join(dir, lineId, `${d}.kek`);

test('[KY2] one key a line and day, kept in files that only the owner reads', () => {
  const ring = openKeyRing(dir);
  expect(ring.existing(lineId, day)).toBeNull();
  const key = ring.kekFor(lineId, day);
  expect(key).toHaveLength(32);
  expect(openKeyRing(dir).kekFor(lineId, day)).toEqual(key);
  expect(ring.kekFor(lineId, '2026-03-02')).not.toEqual(key);
  expect(ring.kekFor(randomUUID(), day)).not.toEqual(key);
  if (process.platform === 'win32') return;
  expect([dir, join(dir, lineId), fileOf(day)].map((p) => statSync(p).mode & 0o777)).toEqual([0o700, 0o700, 0o600]);
});

test('several processes that make the key at once have the same one, and leave nothing else behind', async () => {
  const program = `import { openKeyRing } from ${JSON.stringify(new URL('./keyRing.ts', import.meta.url).href)};
    process.stdout.write(openKeyRing(process.argv[1]).kekFor('${lineId}', '${day}').toString('hex'));`;
  const run = promisify(execFile);
  const made = await Promise.all(
    Array.from({ length: 6 }, () => run(process.execPath, ['--input-type=module', '-e', program, dir])),
  );
  expect(new Set(made.map((m) => m.stdout))).toEqual(new Set([readFileSync(fileOf(day)).toString('hex')]));
  expect(readdirSync(join(dir, lineId))).toEqual([`${day}.kek`]);
});

test.each([
  ['../../etc', day],
  ['', day],
  [`${lineId}/..`, day],
  [`${lineId}\n`, day],
  [lineId, '../x'],
  [lineId, `${day}.kek`],
])('what is no line and day never becomes a path: %j %j', (line, d) => {
  const ring = openKeyRing(dir);
  expect(() => ring.kekFor(line, d)).toThrow('not a line id');
  expect(() => ring.existing(line, d)).toThrow('not a line id');
});

test('[KY2] older keys are destroyed, but for those a row still needs; today stays', () => {
  const ring = openKeyRing(dir);
  const days = ['2026-02-20', '2026-02-21', '2026-02-22', day];
  for (const d of days) ring.kekFor(lineId, d);
  expect(ring.destroyOlderThan('2026-02-22', new Set([`${lineId}/2026-02-21`]))).toEqual([`${lineId}/2026-02-20`]);
  expect(days.map((d) => ring.existing(lineId, d) !== null)).toEqual([false, true, true, true]);
  expect(ring.destroyOlderThan('2026-02-22', new Set([`${lineId}/2026-02-21`]))).toEqual([]);
});

test('a destroyed key is overwritten before its name goes', () => {
  const key = openKeyRing(dir).kekFor(lineId, day);
  linkSync(fileOf(day), join(dir, 'second-name'));
  openKeyRing(dir).destroyOlderThan('2026-03-02', none);
  expect(existsSync(fileOf(day))).toBe(false);
  expect(readFileSync(join(dir, 'second-name'))).not.toEqual(key);
});

test('what a crash left while making a key goes too, without harm to a key that shares its bytes', () => {
  const ring = openKeyRing(dir);
  const key = ring.kekFor(lineId, day);
  linkSync(fileOf(day), `${fileOf(day)}.4711.00ff00ff`);
  ring.destroyOlderThan('2026-03-02', new Set([`${lineId}/${day}`]));
  expect(readdirSync(join(dir, lineId))).toEqual([`${day}.kek`]);
  expect(openKeyRing(dir).existing(lineId, day)).toEqual(key);
});

test('[F42] a process that remembers a destroyed key forgets it after 15 minutes', () => {
  let now = 0;
  const remembering = openKeyRing(dir, { now: () => now });
  remembering.kekFor(lineId, day);
  openKeyRing(dir).destroyOlderThan('2026-03-02', none);
  now = 15 * 60_000 - 1;
  expect(remembering.existing(lineId, day)).not.toBeNull();
  now++;
  expect(remembering.existing(lineId, day)).toBeNull();
});

test('a damaged file is said, and never replaced', () => {
  openKeyRing(dir).kekFor(lineId, day);
  writeFileSync(fileOf(day), 'short');
  expect(() => openKeyRing(dir).kekFor(lineId, day)).toThrow('damaged');
  expect(readFileSync(fileOf(day), 'utf8')).toBe('short');
});

test('with a root key the file is of no use without it, nor under another name', () => {
  const root = newDataKey();
  const plain = openKeyRing(dir).kekFor(lineId, '2026-02-28');
  const ring = openKeyRing(dir, { root });
  const key = ring.kekFor(lineId, day);
  expect(readFileSync(fileOf(day)).includes(key)).toBe(false);
  expect(openKeyRing(dir, { root }).existing(lineId, day)).toEqual(key);
  expect(ring.existing(lineId, '2026-02-28')).toEqual(plain);
  expect(() => openKeyRing(dir).existing(lineId, day)).toThrow('root key');
  expect(() => openKeyRing(dir, { root: newDataKey() }).existing(lineId, day)).toThrow();
  linkSync(fileOf(day), fileOf('2026-03-02'));
  expect(() => ring.existing(lineId, '2026-03-02')).toThrow();
});
