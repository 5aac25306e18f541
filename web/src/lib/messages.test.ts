import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const web = join(import.meta.dirname, '..', '..');
type Catalogue = Record<string, unknown>;
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Catalogue;
const catalogues = globSync(join(web, 'messages', '*.json'));
const english = read(join(web, 'messages', 'en.json'));
const keys = Object.keys(english).filter((key) => key !== '$schema');
/** What a sentence is given: {names} in any of its forms. */
const inputs = (message: unknown) => [...new Set(JSON.stringify(message).match(/\{\w+\}/g))].sort();

describe('message catalogues', () => {
  test('every language has the same messages with the same inputs', () => {
    for (const file of catalogues) {
      const other = read(file);
      expect(Object.keys(other).sort(), basename(file)).toEqual(Object.keys(english).sort());
      for (const key of keys) expect(inputs(other[key]), `${basename(file)} ${key}`).toEqual(inputs(english[key]));
    }
  });

  test('every message is said somewhere', () => {
    const source = globSync(join(web, 'src', '**', '*.{svelte,ts}'))
      .filter((file) => !file.includes('paraglide') && !file.endsWith('.test.ts'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const said = new Set(source.match(/\b[a-z]+_\w+\b/g));
    expect(keys.filter((key) => !said.has(key))).toEqual([]);
  });
});
