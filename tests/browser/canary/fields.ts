import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { ROOT } from '../../support/services.ts';

const textFields =
  'textarea, [contenteditable="true"], input:not([type=radio], [type=checkbox], [type=hidden], [type=submit], [readonly])';

/** Types into every field that a page shows; a field that is made tomorrow is typed into as well. */
export function typist(word: string) {
  const typed = new Map<string, string>();
  /** Fields that take digits only hold no words. */
  const digitsOnly = new Set<string>();
  return {
    typed,
    digitsOnly,
    async everyField(page: Page): Promise<string[]> {
      const phrases: string[] = [];
      for (const field of await page.locator(textFields).all()) {
        if (!(await field.isVisible()) || !(await field.isEnabled())) continue;
        const id = (await field.getAttribute('id')) ?? (await field.getAttribute('placeholder')) ?? 'without a name';
        const name = `${new URL(page.url()).pathname} ${id.replace(/^.*[0-9a-f]{8,}-?/, '-')}`;
        const phrase = `${word}${typed.size + 1} wörds`;
        const text = (await field.getAttribute('type')) === 'email' ? `${word}${typed.size + 1}@example.org` : phrase;
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
