import type { Facts } from '../facts.ts';
import type { Entry } from '../history.ts';
import { outages } from './entries.ts';

type Check = (facts: Facts, history: readonly Entry[]) => string[];
type Audit = Facts['audits'][0];

const graceMs = 2000;
const over = ['refused', 'unanswered', 'withdrawn', 'closed'];
const states = ['asking', 'paging', 'acknowledged', 'joined', 'left', 'exhausted', ...over];

/** What became of each escalation, in the order in which it was committed: whoever moves one holds its row. */
function movesOf({ audits }: Facts): Map<string, Audit[]> {
  const moves = audits.filter((a) => a.action.startsWith('escalation.') && states.includes(stateOf(a)));
  return Map.groupBy(moves, (a) => a.record_id ?? '');
}
const stateOf = (move: Audit): string => move.action.slice('escalation.'.length);

/** When it goes on by itself after this move; null: it waits for nobody. */
function dueAfter({ ladder }: Facts, move: Audit): number | null {
  const step = ladder.steps[Number(move.detail['step'] ?? 0) - 1];
  const seconds = { asking: ladder.askSeconds, paging: step?.seconds, acknowledged: ladder.joinSeconds }[stateOf(move)];
  return seconds === undefined ? null : move.at + seconds * 1000;
}

/**
 * By how much moves came later than their timer, in milliseconds. Where there was no database at that time nothing could move: then from
 * when it was back. Nothing else excuses: a server or a worker that dies is what the others are for.
 */
export function lateMoves(facts: Facts, history: readonly Entry[]): { id: string; from: string; ms: number }[] {
  const away = outages(history);
  return [...movesOf(facts)].flatMap(([id, moves]) =>
    moves.flatMap((move, i) => {
      const due = dueAfter(facts, move);
      if (due === null) return [];
      const at = moves[i + 1]?.at ?? facts.readAt;
      const possible = away.reduce((from, o) => (o.from <= at && o.to > from ? o.to : from), due);
      return [{ id, from: stateOf(move), ms: at - possible }];
    }),
  );
}

/** [I8] No step of a ladder comes more than two seconds after its time, whatever has died. */
export const ladderClimbs: Check = (facts, history) =>
  lateMoves(facts, history)
    .filter(({ ms }) => ms > graceMs)
    .map(({ id, from, ms }) => `escalation ${id} went on from ${from} ${(ms / 1000).toFixed(1)} s after its time`);

/** [I26] By itself nothing goes on before its time, but where a call could not reach anybody. */
export const ladderNotEarly: Check = (facts) =>
  [...movesOf(facts)].flatMap(([id, moves]) =>
    moves.flatMap((move, i) => {
      const [due, next] = [dueAfter(facts, move), moves[i + 1]];
      if (due === null || next?.actor_kind !== 'system' || next.at >= due || stateOf(next) === 'withdrawn') return [];
      const hopeless =
        stateOf(move) === 'paging' &&
        facts.pages.some(
          (p) => p.escalation_id === id && p.step === move.detail['step'] && ['failed', 'unknown'].includes(p.state),
        );
      return hopeless ? [] : [`escalation ${id} went on from ${stateOf(move)} ${due - next.at} ms early`];
    }),
  );

/** [I16] No provider is handed anything twice under one key, or anything that is no page; what counts as sent was handed over. */
export const noKeyTwice: Check = ({ handed, pages }) => {
  const known = new Set(pages.map((p) => p.id));
  const keys = handed.map((h) => h.key);
  const there = new Set(keys);
  return [
    ...keys.filter((key, i) => keys.indexOf(key) !== i).map((key) => `${key} was handed to its provider twice`),
    ...keys.filter((key) => !known.has(key)).map((key) => `${key} is no page, and was handed to a provider`),
    ...pages
      .filter((p) => p.kind === 'webhook' && p.state === 'sent' && !there.has(p.id))
      .map((p) => `page ${p.id} counts as sent and was handed to nobody`),
  ];
};

/** [I8] [I9] Every escalation comes to an end; where nobody was left to call, the coordinators were called. */
export const everyEscalationEnds: Check = (facts) => {
  const moves = movesOf(facts);
  const live = new Set(facts.talks.filter((t) => t.state === 'live').map((t) => t.id));
  const waiting = new Set(
    facts.requests.filter((r) => ['waiting', 'offered'].includes(r.state)).map((r) => r.caller_id),
  );
  const callerOf = new Map(facts.talks.map((t) => [t.id, t.caller_id]));
  return facts.escalations.flatMap((e) => {
    const last = moves.get(e.id)?.at(-1);
    const goesOn = live.has(e.conversation_id) || waiting.has(callerOf.get(e.conversation_id) ?? '');
    const alarms = facts.pages.filter((p) => p.escalation_id === e.id && p.step === 0);
    const loud = moves.get(e.id)?.some((m) => stateOf(m) === 'exhausted') ?? false;
    return [
      ...(last && stateOf(last) === e.state ? [] : [`escalation ${e.id} is ${e.state}, and that is not on record`]),
      ...(over.includes(e.state) || goesOn ? [] : [`escalation ${e.id} is ${e.state}, and its caller is gone`]),
      ...(loud && alarms.length === 0
        ? [`nobody was left to call for escalation ${e.id}, and no coordinator was`]
        : []),
      ...(alarms.some((p) => p.state === 'due') ? [`a coordinator was never called for escalation ${e.id}`] : []),
    ];
  });
};

/**
 * [I10] [CT1] Exactly one holds a conversation, from its first moment to its last; it passes only to who has come in, and never by an
 * escalation that nobody has joined. Whoever it passed from is shown so within two seconds.
 */
export const oneHolds: Check = (facts, history) => {
  const { talks, audits, offers, participants, escalations } = facts;
  const peerOf = new Map(offers.map((o) => [o.id, o.peer_id]));
  const inTalk = new Map(participants.map((p) => [`${p.conversation_id}/${p.party_id}`, p]));
  const shown = Map.groupBy(
    history
      .filter((e) => e.op === 'holds')
      .map((e) => ({ actor: e.actor, ...(e.value as { conversationId: string; now: number }) })),
    (h) => h.conversationId,
  );
  const opened = new Map(
    audits.filter((a) => a.action === 'offer.accepted').map((a) => [a.detail['conversationId'], a]),
  );
  const ofTalk = Map.groupBy(audits, (a) => a.record_id ?? '');
  return talks.flatMap((talk) => {
    const first = opened.get(talk.id);
    const own = ofTalk.get(talk.id) ?? [];
    const passed = own.filter((a) => a.action === 'control.passed');
    const came = new Map(own.filter((a) => a.action === 'party.joined').map((a) => [a.detail['partyId'], a.id]));
    if (!first) return [];
    const held = [{ by: peerOf.get(first.record_id ?? '') ?? '', from: first.at, to: Number.MAX_SAFE_INTEGER }];
    const wrong: string[] = [];
    for (const pass of passed) {
      const { from, to } = pass.detail as { from: string; to: string };
      const now = held.at(-1);
      if (now?.by !== from) wrong.push(`conversation ${talk.id} passed from ${from}, who did not hold it`);
      if (!((came.get(to) ?? Infinity) < pass.id) && !held.some((h) => h.by === to))
        wrong.push(`conversation ${talk.id} passed to ${to}, who had not come into it`);
      if (now) now.to = pass.at;
      held.push({ by: to, from: pass.at, to: Number.MAX_SAFE_INTEGER });
    }
    if (held.at(-1)?.by !== talk.peer_id) wrong.push(`conversation ${talk.id} is held by ${talk.peer_id} out of turn`);
    if (talk.state === 'live' && inTalk.get(`${talk.id}/${talk.peer_id}`)?.left_at !== null)
      wrong.push(`conversation ${talk.id} is held by ${talk.peer_id}, who is not in it`);
    for (const e of escalations.filter((e) => e.conversation_id === talk.id)) {
      const moves = ofTalk.get(e.id) ?? [];
      if (moves.some((m) => m.action === 'escalation.joined')) continue;
      const [raised, end] = [moves[0]?.id ?? 0, moves.at(-1)?.id ?? 0];
      if (passed.some((p) => p.id > raised && p.id < end && p.detail['to'] === e.owner_id))
        wrong.push(`conversation ${talk.id} passed by escalation ${e.id}, which nobody joined`);
    }
    for (const { actor, now } of shown.get(talk.id) ?? [])
      if (!held.some((h) => h.by === actor && h.from <= now + graceMs && now <= h.to + graceMs))
        wrong.push(`${actor} is shown that they hold conversation ${talk.id}, and does not`);
    return [...new Set(wrong)];
  });
};
