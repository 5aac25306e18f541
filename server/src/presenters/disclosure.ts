import type { Agreement, DisclosureNotice } from '@hearthline/shared/contracts/escalation';
import { isOutside, programOf } from '@hearthline/shared/domain/disclosure';
import type { Deps } from '../deps.ts';
import type { Line } from '../storage/postgres/lines.store.ts';

type Recipient = Agreement['recipients'][0];

const named = 'select id as key, name, organisation from staff where id = any($1::uuid[])';
const organisations = `
  select distinct l.line_id as key, s.organisation from staff_line l join staff s on s.id = l.staff_id
  where l.line_id = any($1::uuid[]) and s.organisation is not null and s.suspended_at is null and 'peer' = any(s.roles)`;

/** [CS7] Before the caller of a talk on `line` agrees that these people of the same line come in. A line that is no program asks nothing. */
export async function agreementFor(deps: Deps, line: Line, staffIds: readonly string[]): Promise<Agreement | null> {
  const program = programOf(line.config);
  if (program === null) return null;
  const staff = await Promise.all(
    staffIds.map((id) => deps.reads.rows<{ name: string; organisation: string | null }>(named, id)),
  );
  return agreementOf(
    line,
    program,
    staff.flat().flatMap(({ name, organisation }) => outsideOf(program, program, name, organisation)),
  );
}

/** [CS7] The same where whoever is free on a line comes: every organisation that they may be of. */
export async function agreementForLine(deps: Deps, line: Line, theirs: Line): Promise<Agreement | null> {
  const program = programOf(line.config);
  if (program === null) return null;
  const rows = await deps.reads.rows<{ organisation: string }>(organisations, theirs.id);
  const own = outsideOf(program, programOf(theirs.config), null, null, theirs.config.name);
  return agreementOf(line, program, [
    ...own,
    ...rows.flatMap(({ organisation }) => outsideOf(program, programOf(theirs.config), null, organisation)),
  ]);
}

function outsideOf(
  program: string,
  theirProgram: string | null,
  name: string | null,
  organisation: string | null,
  lineName = '',
): Recipient[] {
  if (!isOutside({ program, theirProgram, organisation })) return [];
  return [{ name, organisation: organisation ?? theirProgram ?? lineName }];
}

const agreementOf = (line: Line, program: string, recipients: Recipient[]): Agreement | null =>
  recipients.length === 0 ? null : { program, recipients, days: line.config.retentionDays };

const noticed = `
  select p.party_id as key, d.conversation_id, d.program, d.scope, d.ground
  from participant p join disclosure d on d.conversation_id = p.conversation_id and d.staff_id = p.party_id
  where p.party_id = any($1::uuid[]) order by d.at`;

/** [CS6] The notices of the talks that somebody is in or has to write up, the last of each. Where no line is a program nothing is asked. */
export async function noticesFor(deps: Deps, staffId: string): Promise<ReadonlyMap<string, DisclosureNotice>> {
  if (!deps.lines.all().some((l) => l.config.part2)) return new Map();
  const rows = await deps.reads.rows<DisclosureNotice & { conversation_id: string }>(noticed, staffId);
  return new Map(rows.map(({ conversation_id: id, program, scope, ground }) => [id, { program, scope, ground }]));
}
