import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { ROOT } from '../../support/services.ts';

const textFields =
  'textarea, [contenteditable="true"], input:not([type=radio], [type=checkbox], [type=hidden], [type=submit], [readonly])';

/** Of these a browser takes no words at all. */
const wordless = /^(?:number|range|date|time|datetime-local)$/;
/** Behind a dialog nobody types. */
const isBehind = (field: Element): boolean => {
  const dialog = document.querySelector('dialog:modal, [aria-modal="true"]');
  return dialog !== null && !dialog.contains(field);
};
/** What was written in the source; without the ids of records and those that Svelte numbers. */
const written = (id: string): string => id.replace(/^(?:.*[0-9a-f]{8,}-?|[cs]\d+-?)/, '-');

/** Types into every field that a page shows; a field that is made tomorrow is typed into as well. */
export function typist(word: string) {
  const typed = new Map<string, string>();
  /** A field has one phrase, however often it is typed into: what is found says where it came from. */
  const numbers = new Map<string, number>();
  /** Fields that take digits or a time only hold no words. */
  const digitsOnly = new Set<string>();
  return {
    typed,
    digitsOnly,
    async everyField(page: Page): Promise<string[]> {
      const phrases: string[] = [];
      for (const field of await page.locator(textFields).all()) {
        if (!(await field.isVisible()) || !(await field.isEnabled()) || (await field.evaluate(isBehind))) continue;
        const id = (await field.getAttribute('id')) ?? (await field.getAttribute('placeholder')) ?? 'without a name';
        const name = `${new URL(page.url()).pathname} ${written(id)}`;
        const type = (await field.getAttribute('type')) ?? 'text';
        if (wordless.test(type)) {
          digitsOnly.add(name);
          continue;
        }
        const number = numbers.get(name) ?? numbers.size + 1;
        numbers.set(name, number);
        const text = type === 'email' ? `${word}${number}@example.org` : `${word}${number} wörds`;
        await field.fill(text);
        if ((await field.inputValue()).includes(word)) {
          typed.set(name, text);
          phrases.push(text);
        } else digitsOnly.add(name);
      }
      return phrases;
    },
  };
}

/** The written ids of all text fields in the sources; of `{id}-topic` the part that is written. */
export function fieldsInSources(): string[] {
  const folder = join(ROOT, 'web', 'src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.svelte'));
  return files.flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/<(?:input|textarea)\b[\s\S]*?(?:\/>|><\/textarea>)/g)]
      .map(([tag]) => tag)
      .filter((tag) => !/type="(?:radio|checkbox|hidden)"|\breadonly\b/.test(tag))
      .map((tag) => /\sid="(?:\{id\})?([^"{}]+)"/.exec(tag)?.[1] ?? ''),
  );
}
