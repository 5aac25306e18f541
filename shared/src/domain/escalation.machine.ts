import type { Escalation as Ladder } from '../contracts/line.contract.ts';
import type { EscalationKind } from '../contracts/escalation.contract.ts';
import { ok, refuse, type Result } from '../contracts/refusals.ts';

/** Where on the ladder: which step, and which call of that step; both from 1. */
export type Rung = { step: number; attempt: number };

export type Escalation =
  | { state: 'asking'; dueAt: Date }
  | { state: 'paging'; rung: Rung; pagedId: string; dueAt: Date }
  | { state: 'acknowledged'; rung: Rung; ownerId: string; dueAt: Date }
  | { state: 'joined' | 'left'; rung: Rung; ownerId: string }
  | { state: 'exhausted' }
  | { state: 'refused' | 'unanswered' | 'withdrawn' | 'closed' };

/** What the ladder stands on in this moment. */
export type Ground = {
  ladder: Pick<Ladder, 'steps' | 'joinSeconds' | 'askSeconds'>;
  /** Who is on call for a step now, can be reached, and has not said no to this escalation. */
  callable(step: number): string | null;
  now: Date;
};

const after = (now: Date, seconds: number): Date => new Date(now.getTime() + seconds * 1000);

/** [ES1] A clinician who is to join is called when the caller has said yes; advice and a life at risk do not wait for that. */
export function raise(kind: EscalationKind, by: 'caller' | 'peer', ground: Ground): Escalation {
  if (kind === 'handOff' && by === 'peer')
    return { state: 'asking', dueAt: after(ground.now, ground.ladder.askSeconds) };
  return climb(null, ground);
}

/** [ES2] The next rung on which somebody can be called; nobody left is loud, and still takes a late answer (ES6). */
export function climb(from: Rung | null, ground: Ground): Escalation {
  for (let rung = next(ground, from); rung; rung = next(ground, rung)) {
    const pagedId = ground.callable(rung.step);
    const seconds = ground.ladder.steps[rung.step - 1]?.seconds;
    if (pagedId && seconds) return { state: 'paging', rung, pagedId, dueAt: after(ground.now, seconds) };
  }
  return { state: 'exhausted' };
}

function next({ ladder }: Ground, from: Rung | null): Rung | null {
  if (!from) return ladder.steps.length > 0 ? { step: 1, attempt: 1 } : null;
  const times = ladder.steps[from.step - 1]?.times ?? 1;
  if (from.attempt < times) return { step: from.step, attempt: from.attempt + 1 };
  return from.step < ladder.steps.length ? { step: from.step + 1, attempt: 1 } : null;
}

/** [ES3] The caller's answer: a no sends nothing and calls nobody. */
export function answerAsk(e: Escalation, yes: boolean, ground: Ground): Result<Escalation> {
  if (e.state !== 'asking') return refuse('escalation.gone');
  return ok(yes ? climb(null, ground) : { state: 'refused' });
}

/** [ES4] What happens by itself when its time is over, and never before (I8, I26). @returns null: nothing */
export function onDue(e: Escalation, ground: Ground): Escalation | null {
  if (!('dueAt' in e) || ground.now < e.dueAt) return null;
  return e.state === 'asking' ? { state: 'unanswered' } : climb(e.rung, ground);
}

/** [ES5] Nothing of this rung has reached anybody, or they said no: it climbs at once. @returns null: it stays */
export function onNoHope(e: Escalation, staffId: string, rung: Rung, ground: Ground): Escalation | null {
  if (e.state === 'acknowledged' && e.ownerId === staffId) return climb(e.rung, ground);
  if (e.state !== 'paging' || e.pagedId !== staffId) return null;
  return e.rung.step === rung.step && e.rung.attempt === rung.attempt ? climb(e.rung, ground) : null;
}

/**
 * [ES6] The first who was paged and says so has it, from whichever step and however late (I10); for anybody else it is taken.
 * @param paged whether this person was paged for it
 */
export function acknowledge(e: Escalation, staffId: string, paged: boolean, ground: Ground): Result<Escalation> {
  if (!paged) return refuse('escalation.gone');
  switch (e.state) {
    case 'paging':
    case 'exhausted': {
      const rung = e.state === 'paging' ? e.rung : lastRung(ground);
      return ok({ state: 'acknowledged', rung, ownerId: staffId, dueAt: after(ground.now, ground.ladder.joinSeconds) });
    }
    case 'acknowledged':
    case 'joined':
    case 'left':
      return e.ownerId === staffId ? ok(e) : refuse('escalation.taken');
    case 'asking':
      return refuse('escalation.gone');
    case 'refused':
    case 'unanswered':
    case 'withdrawn':
    case 'closed':
      return refuse('escalation.over');
  }
}

const lastRung = ({ ladder }: Ground): Rung => ({
  step: ladder.steps.length,
  attempt: ladder.steps.at(-1)?.times ?? 1,
});

/** [ES7] Only who has it joins, in the time they have for it; whoever has left may come again. */
export function join(e: Escalation, staffId: string): Result<Escalation> {
  if (e.state === 'left') return e.ownerId === staffId ? ok({ ...e, state: 'joined' }) : refuse('escalation.taken');
  if (e.state === 'joined') return e.ownerId === staffId ? ok(e) : refuse('escalation.taken');
  if (e.state === 'acknowledged')
    return e.ownerId === staffId ? ok({ state: 'joined', rung: e.rung, ownerId: staffId }) : refuse('escalation.taken');
  return refuse(e.state === 'paging' || e.state === 'exhausted' ? 'escalation.notYours' : 'escalation.over');
}

/** [ES8] Taken back as long as nobody has joined; everybody who was called is told. */
export function withdraw(e: Escalation): Result<Escalation> {
  switch (e.state) {
    case 'asking':
    case 'paging':
    case 'acknowledged':
    case 'exhausted':
      return ok({ state: 'withdrawn' });
    case 'joined':
    case 'left':
      return refuse('escalation.joined');
    default:
      return refuse('escalation.over');
  }
}

/** [ES9] After everybody was called without an answer the peer may have them called again, from the first. */
export function again(e: Escalation, ground: Ground): Result<Escalation> {
  return e.state === 'exhausted' ? ok(climb(null, ground)) : refuse('escalation.notExhausted');
}

/** [ES15] Who joined is out of a talk that goes on: another can be called. @returns null: it was not theirs */
export const onOwnerOut = (e: Escalation, staffId: string): Escalation | null =>
  e.state === 'joined' && e.ownerId === staffId ? { ...e, state: 'left' } : null;

/** [ES10] Whoever joined closes it, also after they left and after the conversation is over. */
export function close(e: Escalation, staffId: string): Result<Escalation> {
  if (e.state !== 'joined' && e.state !== 'left') return refuse(isOver(e) ? 'escalation.over' : 'escalation.notYours');
  return e.ownerId === staffId ? ok({ state: 'closed' }) : refuse('escalation.gone');
}

/**
 * [ES11] With the conversation ends what nobody has joined yet. [ES16] Where the caller goes back to the line, advice for the peer
 * who is gone ends, and so does a question to the caller; whoever is called for the caller is called on.
 * @param goesOn the caller waits for the next peer
 * @returns null: it stays as it is
 */
export function onTalkEnded(e: Escalation, kind: EscalationKind, goesOn: boolean): Escalation | null {
  if (isOver(e) || e.state === 'joined' || e.state === 'left') return null;
  return goesOn && kind !== 'consult' && e.state !== 'asking' ? null : { state: 'withdrawn' };
}

export const isOver = ({ state }: Escalation): boolean =>
  state === 'refused' || state === 'unanswered' || state === 'withdrawn' || state === 'closed';
