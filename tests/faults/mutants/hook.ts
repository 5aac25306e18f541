import { registerHooks } from 'node:module';
import { mutants } from './table.ts';

/** Given to a program with `--import`: seeds the bugs of the run SEEDED_BUGS into what it loads. A text that is not there once ends it. */
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    const here = mutants.filter((m) => m.run === process.env['SEEDED_BUGS'] && url.endsWith(`/${m.file}`));
    if (here.length === 0) return loaded;
    let source = Buffer.from(loaded.source as Uint8Array).toString();
    for (const { name, text, becomes } of here) {
      if (source.split(text).length !== 2) throw new Error(`the seeded bug "${name}" has no place any more`);
      source = source.replace(text, () => becomes);
    }
    return { ...loaded, source };
  },
});
