import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { logFile } from './logFile.mjs';

const folder = mkdtempSync(join(tmpdir(), 'log-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('errors and lines that are no log entry are shown, the rest is only written', () => {
  const shown = [];
  const file = join(folder, 'a.log');
  const log = logFile(file, 'server', (text) => shown.push(text));
  log.line('{"level":30,"msg":"up"}');
  log.line('{"level":50,"msg":"no disk"}');
  log.line('Error: a crash');
  expect(shown).toEqual(['  server: no disk', '  server: Error: a crash']);
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(4);
});

test('a full file is kept once and begun anew', () => {
  const file = join(folder, 'b.log');
  const log = logFile(file, 'server', () => {});
  const line = JSON.stringify({ level: 30, msg: 'x'.repeat(1024 * 1024) });
  for (let n = 0; n < 11; n++) log.line(line);
  expect(statSync(`${file}.1`).size).toBeGreaterThan(9 * 1024 * 1024);
  expect(statSync(file).size).toBeLessThan(3 * 1024 * 1024);
});
