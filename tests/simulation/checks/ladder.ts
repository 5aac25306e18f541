import type { RowOf } from '../store/rows.ts';
import { changesOf, isLate, type Check, type Seen } from './check.ts';

/** The longest that a state may last before it goes on by itself, by the line's ladder. Milliseconds. */
function longest({ line }: Seen, e: RowOf<'escalation'>): number {
  const { steps, joinSeconds, askSeconds } = line.config.escalation;
  if (e.state === 'asking') return askSeconds * 1000;
  return (e.state === 'acknowledged' ? joinSeconds : (steps[e.step - 1]?.seconds ?? 0)) * 1000;
}

/** [ES11][ES16] Its talk goes on; or its caller is in the line again, and it is for them that somebody is called. */
function hasCaller({ store }: Seen, e: RowOf<'escalation'>): boolean {
  const talk = store.get('talk', e.talkId);
  if (talk?.state === 'live') return true;
  const request = talk?.requestId ? store.get('request', talk.requestId)?.state : undefined;
  const waits = request === 'waiting' || request === 'offered';
  return waits && e.kind !== 'consult' && e.state !== 'asking';
}

/** [I8] What is open has a time at which it goes on, and went on at it; or a person has it; or it is loud. */
export const neverSleeps: Check = (seen) =>
  [...seen.store.live('escalation').values()].flatMap((e) => {
    if (e.state === 'joined') return e.ownerId ? [] : [`${e.id} is joined by nobody`];
    if (!hasCaller(seen, e)) return [`${e.id} is ${e.state}, and its talk is over`];
    if (e.state === 'exhausted') return [];
    if (e.dueAt === null || seen.store.get('due', `escalation.goOn/${e.id}`)?.at !== e.dueAt)
      return [`${e.id} is ${e.state}, and nothing will wake it`];
    if (isLate(seen, e.dueAt)) return [`${e.id} is ${e.state} for over 2 s longer than its time`];
    return e.dueAt - e.since > longest(seen, e) ? [`${e.id} is ${e.state} for longer than its ladder says`] : [];
  });

/** [ES5] A call that cannot reach anybody is followed by the next at once, unless whoever knew has died. */
export const failedClimbsEarly: Check = (seen) =>
  [...seen.ledger.hopeless].flatMap(([key, since]) =>
    isLate(seen, since) && seen.ledger.diedAt < since ? [`nothing of rung ${key} can arrive, and it stays`] : [],
  );

/** [ES2] Nobody on the ladder is passed over but the holder: of the rungs left out, none had somebody on call who could be reached. */
export const nobodyPassedOver: Check = (seen) => {
  const wrong: string[] = [];
  for (const { id, before, after, entry } of changesOf(seen, 'escalation')) {
    if (!after || after === before || (after.state !== 'paging' && after.state !== 'exhausted')) continue;
    if (after.state === before?.state && after.since === before.since) continue;
    const { steps } = seen.line.config.escalation;
    const begins = entry.name === 'escalation.again' || !before || before.state === 'asking';
    const from = begins ? { step: 1, attempt: 0 } : before;
    for (let step = from.step; step <= steps.length; step++) {
      if (after.state === 'paging' && step >= after.step) break;
      const left = step === from.step ? from.attempt < (steps[step - 1]?.times ?? 1) : true;
      const who = left && callable(seen, step, after, begins);
      if (who) wrong.push(`${id} is ${after.state}, and ${who} of step ${step} was passed over`);
    }
  }
  return wrong;
};

function callable(seen: Seen, step: number, e: RowOf<'escalation'>, begins: boolean): string | null {
  const of = seen.line.config.escalation.steps[step - 1];
  const who = of && seen.line.roster.onCall(of.layer, seen.now);
  const reached = who && (seen.line.means.get(who) ?? []).some((kind) => !of.means || of.means.includes(kind));
  const talk = seen.store.get('talk', e.talkId);
  const holds = talk?.state === 'live' && talk.peerId === who;
  const no = seen.store.of('page', e.id).some((p) => p.staffId === who && p.answer === 'declined');
  return who && reached && !holds && (begins || !no) ? who : null;
}

/** [I9] Everybody was called: every coordinator who can be reached is, within two seconds. */
export const endIsLoud: Check = (seen) =>
  [...seen.store.live('escalation').values()].flatMap((e) => {
    if (e.state !== 'exhausted') return [];
    return seen.line.coordinators.flatMap((id) => {
      if ((seen.line.means.get(id) ?? []).length === 0) return [];
      const alarms = seen.store.of('page', e.id).filter((p) => p.staffId === id && p.step === 0 && p.madeAt >= e.since);
      if (alarms.length === 0) return [`${e.id} is exhausted, and ${id} is not alarmed`];
      return alarms.every((p) => p.state === 'due') && isLate(seen, Math.max(e.since, seen.ledger.diedAt))
        ? [`${e.id} is exhausted, and nothing has gone to ${id}`]
        : [];
    });
  });

/** [I10][ES6][ES7] The first of those called who says so has it, and it is theirs until the ladder goes on. */
export const firstOwns: Check = (seen) => {
  const wrong: string[] = [];
  for (const { entry, id, before, after } of changesOf(seen, 'escalation')) {
    if (!after?.ownerId || after.state === 'closed') continue;
    const paged = seen.store.of('page', id).some((p) => p.staffId === after.ownerId && p.step > 0);
    if (!paged) wrong.push(`${id} is had by ${after.ownerId}, who was not called`);
    if (before?.ownerId && before.ownerId !== after.ownerId)
      wrong.push(`${id} was had by ${before.ownerId} and is by ${after.ownerId}`);
    if (before?.ownerId !== after.ownerId && entry.actor !== after.ownerId)
      wrong.push(`${id} is had by ${after.ownerId}, by a word of ${entry.actor}`);
  }
  return wrong;
};

/** [RO4] Nobody at all could be called at the first press exactly when the roster says that there is a gap. */
export const gapsAreTold: Check = (seen) => {
  const { line, now } = seen;
  const { steps } = line.config.escalation;
  return [...changesOf(seen, 'escalation')].flatMap(({ id, before, after }) => {
    if (!after || (before && before.state !== 'asking') || !['paging', 'exhausted'].includes(after.state)) return [];
    const holder = seen.store.get('talk', after.talkId)?.peerId;
    const reachable = steps.map(({ layer, means }) => ({
      layer,
      reachable: new Set(
        line.clinicians.filter(
          (c) => c !== holder && line.means.get(c)?.some((kind) => !means || means.includes(kind)),
        ),
      ),
    }));
    const gap = line.roster.gaps(reachable, now).some((g) => g.from.getTime() <= now && now < g.until.getTime());
    return gap === (after.state === 'exhausted')
      ? []
      : [`${id} is ${after.state}, and a gap was ${gap ? '' : 'not '}told`];
  });
};
