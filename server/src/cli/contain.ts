import { parseArgs } from 'node:util';
import { affectedBy, endSessions, renewSecrets } from '../auth/containment.ts';
import { StaffError } from '../auth/people.ts';
import { openKeyRing } from '../keys/keyRing.ts';
import { cli } from './settings.ts';

const help = `npm run contain -- sessions            everybody is signed out within 2 seconds, callers too; the line goes on
npm run contain -- sessions --staff    only staff
npm run contain -- secrets             with Hearthline stopped: a new secret and new keys. Passwords and one-time codes
                                       of staff stay as they are; return codes of callers are void
npm run contain -- affected --email a@b.org --since 2026-11-20 [--until 2026-11-23]
                                       the conversations whose keys that account was handed (UTC)`;

const { positionals, values } = asked();
const since = (name: 'since' | 'until', unless?: Date): Date => {
  const typed = values[name];
  const at = typed === undefined ? unless : new Date(typed);
  if (!at || Number.isNaN(at.getTime())) throw new StaffError(`--${name} is missing or no date.\n${help}`);
  return at;
};

await cli(async ({ config, pool }) => {
  switch (positionals[0]) {
    case 'sessions': {
      const ended = await endSessions(pool, values.staff ? 'staff' : 'everybody');
      return console.log(`Ended: ${ended.staff} sessions of staff, ${ended.callers} of callers.`);
    }
    case 'secrets': {
      const ring = openKeyRing(config.keysDir);
      const done = await renewSecrets({ pool, config, ring }, process.env['HEARTHLINE_NEW_SECRET']);
      console.log(
        `A new secret is in force; ${done.factors} one-time codes of staff go on, ${done.codesVoid} return codes are void.\n` +
          `${done.moved} keys were moved under new ones, ${done.destroyed} old key files are destroyed.`,
      );
      if (done.unreadable > 0) console.log(`${done.unreadable} keys could not be read and were left as they are.`);
      console.log(
        done.secretInFile
          ? 'Start Hearthline again.'
          : 'Start every server and worker with HEARTHLINE_SECRET set to the new one.',
      );
      return;
    }
    case 'affected': {
      if (!values.email) throw new StaffError(`--email is missing.\n${help}`);
      const found = await affectedBy(pool, values.email, since('since'), since('until', new Date()));
      for (const c of found)
        console.log(
          `${c.conversationId}  ${c.lineSlug}  ${c.first.toISOString()} to ${c.last.toISOString()}  ${c.times} times`,
        );
      return console.log(`${found.length} conversations.`);
    }
    default:
      console.log(help);
      if (!values.help) process.exitCode = 1;
  }
});

/** @returns what was typed; an option that does not exist is a sentence and exit code 2. */
function asked() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        staff: { type: 'boolean' },
        email: { type: 'string' },
        since: { type: 'string' },
        until: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    console.error(`${(error as Error).message}\n${help}`);
    return process.exit(2);
  }
}
