import { registerHooks } from 'node:module';
import { mutants } from './table.ts';

/**
 * Whatever is imported as `…?mutant=<number>` is loaded anew, with all that it imports of ours, and with the bug of that number in
 * it. A text that is not there once ends it.
 */
const mark = /\?mutant=(\d+)$/;
registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const of = mark.exec(context.parentURL ?? '');
    if (!of || !resolved.url.startsWith('file:') || resolved.url.includes('/node_modules/')) return resolved;
    return { ...resolved, url: `${resolved.url.replace(mark, '')}${of[0]}` };
  },
  load(url, context, next) {
    const of = mark.exec(url);
    const loaded = next(url, context);
    if (!of) return loaded;
    const { name, edits } = mutants[Number(of[1])]!;
    let source = Buffer.from(loaded.source as Uint8Array).toString();
    for (const { text, becomes } of edits.filter((e) => url.replace(mark, '').endsWith(`/${e.file}`))) {
      if (source.split(text).length !== 2) throw new Error(`the seeded bug "${name}" has no place any more`);
      source = source.replace(text, () => becomes);
    }
    return { ...loaded, source };
  },
});
