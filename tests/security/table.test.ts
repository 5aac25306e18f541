import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/services.ts';

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const rows = read('docs/security.md')
  .split('\n')
  .flatMap((line) => {
    const [, row, , provenBy = '', open = ''] = line.split('|').map((cell) => cell.trim());
    return row && /^S\d+$/.test(row)
      ? [{ row, files: [...provenBy.matchAll(/`([^`]+)`/g)].map((m) => m[1] ?? ''), open }]
      : [];
  });

test('there is a row for each number', () => expect(rows.length).toBeGreaterThan(35));

test.each(rows)('$row is where the table says, or the table says why not', ({ row, files, open }) => {
  if (files.length === 0) expect(open).not.toBe('');
  for (const file of files) expect(read(file), `${file} proves ${row}`).toMatch(new RegExp(`\\b${row}\\b`));
});

test('what the threat model names is there', () => {
  const named = [...read('docs/threat-model.md').matchAll(/`([\w/.]+\.(?:test\.(?:ts|mjs)|md))`/g)].map(
    (m) => m[1] ?? '',
  );
  expect(named.length).toBeGreaterThan(12);
  for (const file of named)
    expect(existsSync(join(ROOT, file)) || existsSync(join(ROOT, 'docs', file)), file).toBe(true);
});
