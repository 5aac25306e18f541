import { randomInt } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const letters = 'abcdefghijklmnopqrstuvwxyz';
const word = (length: number) => Array.from({ length }, () => letters[randomInt(26)]).join('');

/** A word that is nowhere else, and what it looks like in bytes. Each phrase of a run begins with it, so one search finds all. */
export function canary(): { word: string; shapes: ReadonlyMap<string, Buffer> } {
  const text = `qz${word(16)}`;
  const utf8 = Buffer.from(text);
  const hex = utf8.toString('hex');
  const shapes = new Map<string, Buffer>([
    ['plain', utf8], // which is JSON, form and percent-encoding of it as well
    ['UTF-16LE', Buffer.from(text, 'utf16le')],
    ['UTF-16BE', Buffer.from(text, 'utf16le').swap16()],
    ['hex', Buffer.from(hex)],
    ['percent', Buffer.from(hex.replace(/../g, '%$&'))],
    ['PERCENT', Buffer.from(hex.toUpperCase().replace(/../g, '%$&'))],
  ]);
  // in base64 a word stands in three ways, by what is before it; the outermost characters depend on the neighbours
  for (const before of [0, 1, 2]) {
    const coded = Buffer.concat([Buffer.alloc(before), utf8])
      .toString('base64')
      .replace(/=+$/, '');
    shapes.set(`base64 at ${before}`, Buffer.from(coded.slice(before === 0 ? 0 : before + 1, -2)));
  }
  return { word: text, shapes };
}
export type Canary = ReturnType<typeof canary>;

/** Each place in these bytes that holds the word, in whatever shape, with what follows it: that says which field it was. */
export function findIn(bytes: Buffer, { shapes }: Canary): string[] {
  const found = new Set<string>();
  for (const [shape, needle] of shapes)
    for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) {
      const text = bytes.subarray(at, at + needle.length + 40).toString('latin1');
      found.add(`${shape}: ${printable(text)}`);
    }
  return [...found];
}
const printable = (text: string): string => text.replace(/\0/g, '').replace(/[^\x20-\x7e]+/g, '.');

/** Whether what was found is this text as it was typed, in whatever shape. */
export const isTextOf = (find: string, text: string): boolean =>
  find.includes(`: ${printable(Buffer.from(text).toString('latin1'))}`);

/** Every file below a folder that holds the word, with where and how. */
export function findBelow(folder: string, what: Canary): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    if (!entry.isFile()) return [];
    const file = join(entry.parentPath, entry.name);
    return findIn(readOrEmpty(file), what).map((found) => `${file.slice(folder.length + 1)} ${found}`);
  });
}
function readOrEmpty(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0); // removed since it was listed
    throw error;
  }
}
