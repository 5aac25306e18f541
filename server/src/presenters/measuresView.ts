import type { EscalationKind, MeansKind } from '@hearthline/shared/contracts/escalation';
import { caseEnds, type CaseEnd, type MeasuresView, type Took } from '@hearthline/shared/contracts/measures';
import { boundsOf, daysBefore, keptDays, type Days } from '@hearthline/shared/domain/measures';
import type { Deps } from '../deps.ts';
import { answerTook, fewest, joinTook, within } from '../onCall/took.ts';
import type { Line } from '../storage/postgres/lines.store.ts';

/** Who can ask for what (ES1). */
const pairs = [
  ['consult', 'peer'],
  ['handOff', 'peer'],
  ['handOff', 'caller'],
  ['safety', 'peer'],
] as const satisfies [EscalationKind, 'caller' | 'peer'][];

/** The cases of a line ($1) that were raised from one moment ($2) to before another ($3). */
const cases = 'escalation e where e.line_id = $1 and e.raised_at >= $2 and e.raised_at < $3';
/** [MS3] When a provider took the first call to a clinician. */
const firstSent = '(select min(p.sent_at) from page p where p.escalation_id = e.id and p.step > 0)';
const took = (name: string, seconds: string): string =>
  `count(${seconds})::int as ${name}_n, ${within(0.5, seconds)} as ${name}_half, ${within(0.9, seconds)} as ${name}_nine`;

const endOf = `
  case when e.joined_at is not null then 'joined' when e.state in ('refused', 'unanswered') then e.state
    when e.state = 'withdrawn' then case e.withdrawn_by when 'peer' then 'takenBackByPeer' when 'caller' then 'takenBackByCaller'
      else 'endedWithTalk' end else 'open' end`;
const endsStatement = `select e.kind, e.raised_by, ${endOf} as how, count(*)::int as n from ${cases} group by 1, 2, 3`;

/** [MS6] Nobody came, and not because the talk was over first. */
const wentOn = `(e.state in ('refused', 'unanswered') or e.withdrawn_by is not null or e.exhausted_at is not null)`;
const allStatement = `
  select ${took('first', 'first_took')}, ${took('answer', 'answer_took')}, ${took('join', 'join_took')},
    count(begun_at)::int as begun, count(*) filter (where answered_late)::int as late,
    count(exhausted_at)::int as exhausted, count(joined_at) filter (where exhausted_at is not null)::int as exhausted_joined,
    count(*) filter (where kind = 'handOff')::int as hand_offs,
    count(*) filter (where kind = 'handOff' and joined_at is null and went_on)::int as returned
  from (select e.*, ${answerTook} as answer_took, ${joinTook} as join_took, ${wentOn} as went_on,
          extract(epoch from ${firstSent} - e.begun_at)::float8 as first_took from ${cases}) e`;
type All = Record<`${'first' | 'answer' | 'join'}_n`, number> &
  Record<`${'first' | 'answer' | 'join'}_${'half' | 'nine'}`, number | null> &
  Record<'begun' | 'late' | 'exhausted' | 'exhausted_joined' | 'hand_offs' | 'returned', number>;

/** [MS4] What was done on each step. */
const stepsStatement = `
  select step, sum(called)::int as called, sum(answer_n)::int as answer_n, max(answer_half) as answer_half, max(answer_nine) as answer_nine,
    sum(join_n)::int as join_n, max(join_half) as join_half, max(join_nine) as join_nine
  from (
    select p.step, count(distinct e.id) as called, 0 as answer_n, null::int as answer_half, null::int as answer_nine,
      0 as join_n, null::int as join_half, null::int as join_nine
      from page p join (select e.id from ${cases}) e on e.id = p.escalation_id where p.step > 0 group by 1
    union all select answered_step, 0, ${took('answer', answerTook)}, 0, null, null from ${cases} and answered_step is not null group by 1
    union all select joined_step, 0, 0, null, null, ${took('join', joinTook)} from ${cases} and joined_step is not null group by 1
  ) s group by 1 order by 1`;
type Step = { step: number; called: number } & Pick<All, `${'answer' | 'join'}_${'n' | 'half' | 'nine'}`>;

/** [MS7] What was needed no more has not failed. */
const pagesStatement = `
  select p.kind, count(*)::int as made, count(*) filter (where p.state = 'sent')::int as sent,
    count(*) filter (where p.state = 'failed' and p.failure is distinct from 'notNeeded')::int as failed,
    count(*) filter (where p.state = 'unknown')::int as unknown, count(*) filter (where p.failure = 'notNeeded')::int as not_needed
  from page p join (select e.id from ${cases}) e on e.id = p.escalation_id group by 1 order by 1`;

type Named = 'first' | 'answer' | 'join';
/** [MS3] */
const tookOf = <N extends Named>(row: Pick<All, `${N}_${'n' | 'half' | 'nine'}`> | undefined, name: N): Took => {
  const n = row?.[`${name}_n`] ?? 0;
  const enough = row !== undefined && n >= fewest;
  return { cases: n, half: enough ? row[`${name}_half`] : null, nineOfTen: enough ? row[`${name}_nine`] : null };
};

/** What came of calling clinicians in these days: numbers only, for who runs the line. @param days that may be asked for */
export async function measuresView(deps: Deps, line: Line, days: Days, today: string): Promise<MeasuresView> {
  const { timeZone, name, escalation } = line.config;
  const { from, until } = boundsOf(timeZone, days);
  const of = [line.id, from, until];
  const [all, ends, steps, pages] = await Promise.all([
    deps.sql.query<All>(allStatement, of),
    deps.sql.query<{ kind: EscalationKind; raised_by: 'caller' | 'peer'; how: CaseEnd; n: number }>(endsStatement, of),
    deps.sql.query<Step>(stepsStatement, of),
    deps.sql.query<Record<'made' | 'sent' | 'failed' | 'unknown' | 'not_needed', number> & { kind: MeansKind }>(
      pagesStatement,
      of,
    ),
  ]);
  const [sum] = all.rows;
  const ladder = escalation?.steps ?? [];
  const known = [...new Set([...ladder.map((_, i) => i + 1), ...steps.rows.map((s) => s.step)])].sort((a, b) => a - b);
  return {
    now: deps.clock.now().toISOString(),
    lineId: line.id,
    lineName: name,
    timeZone,
    today,
    earliest: daysBefore(today, keptDays - 1),
    ...days,
    cases: ends.rows.reduce((n, r) => n + r.n, 0),
    ends: pairs.map(([kind, raisedBy]) => {
      const own = ends.rows.filter((r) => r.kind === kind && r.raised_by === raisedBy);
      const count = (how: CaseEnd) => own.find((r) => r.how === how)?.n ?? 0;
      return {
        kind,
        raisedBy,
        of: Object.fromEntries(caseEnds.map((how) => [how, count(how)])) as Record<CaseEnd, number>,
      };
    }),
    firstPage: tookOf(sum, 'first'),
    answer: tookOf(sum, 'answer'),
    join: tookOf(sum, 'join'),
    steps: known.map((step) => {
      const row = steps.rows.find((s) => s.step === step);
      const layer = ladder[step - 1]?.layer ?? null;
      return { step, layer, called: row?.called ?? 0, answer: tookOf(row, 'answer'), join: tookOf(row, 'join') };
    }),
    counts: {
      begun: sum?.begun ?? 0,
      answered: sum?.answer_n ?? 0,
      answeredLate: sum?.late ?? 0,
      exhausted: sum?.exhausted ?? 0,
      exhaustedJoined: sum?.exhausted_joined ?? 0,
      handOffs: sum?.hand_offs ?? 0,
      returned: sum?.returned ?? 0,
    },
    pages: pages.rows.map(({ kind, not_needed: notNeeded, ...counts }) => ({ means: kind, ...counts, notNeeded })),
  };
}
