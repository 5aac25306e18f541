import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { checkLadder } from '../lines/ladderCheck.ts';
import { readLineFile, saveLine } from '../lines/lineFile.ts';
import { cli } from './settings.ts';

const help = `npm run line -- import <file.yaml>   make a line, or change the one of the same slug
                                     --anyway: also with a ladder that would call nobody
npm run line -- export <slug>        print a line's file
npm run line -- list                 the lines there are`;

const { positionals, values } = asked();
const [verb, what] = positionals;
await cli(async ({ pool }) => {
  if (verb === 'import' && what) {
    const line = await readLineFile(what);
    const ladder = await checkLadder(pool, line);
    if (ladder.say === 'refuse' && !values.anyway) throw new Error(`${ladder.why}\nNothing was changed.`);
    if (ladder.say !== 'fine') console.error(ladder.why);
    console.log(`${line.name} (${line.slug}) was ${await saveLine(pool, line)}.`);
  } else if (verb === 'export' && what) {
    const { rows } = await pool.query<{ config: unknown }>('select config from line where slug = $1', [what]);
    if (!rows[0]) throw new Error(`There is no line "${what}".`);
    console.log(stringify(rows[0].config));
  } else if (verb === 'list') {
    const { rows } = await pool.query<{ slug: string; name: string }>(
      `select slug, config ->> 'name' as name from line order by created_at`,
    );
    console.log(rows.map((r) => `${r.slug}  ${r.name}`).join('\n') || 'There is no line yet.');
  } else {
    console.log(help);
    if (!values.help) process.exitCode = 1;
  }
});

/** @returns what was typed; an option that does not exist is a sentence and exit code 2. */
function asked() {
  try {
    return parseArgs({ allowPositionals: true, options: { anyway: { type: 'boolean' }, help: { type: 'boolean' } } });
  } catch (error) {
    console.error(`${(error as Error).message}\n${help}`);
    return process.exit(2);
  }
}
