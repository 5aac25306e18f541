import { ok, refuse, type Result } from '../contracts/refusals.ts';

/** A colleague who is asked into a talk: first its caller, then one person after the other. */
export type Invitation =
  | { state: 'asking'; dueAt: Date }
  | { state: 'ringing'; ringsId: string; dueAt: Date }
  | { state: 'joined'; joinedId: string }
  | { state: 'refused' | 'unanswered' | 'returned' | 'withdrawn' };

/** What an invitation stands on in this moment. */
export type Ground = {
  now: Date;
  /** How long the caller is asked, and how long each colleague. */
  askSeconds: number;
  ringSeconds: number;
  /** Whom it is for, who could come now and was not asked yet; null: nobody (any more). */
  next: string | null;
};

const after = (now: Date, seconds: number): Date => new Date(now.getTime() + seconds * 1000);

/** [IN2] The caller is asked before anybody else. */
export const invite = ({ now, askSeconds }: Ground): Invitation => ({ state: 'asking', dueAt: after(now, askSeconds) });

/** [IN4] The next who could come; nobody left: it is back with whoever asked, as it was. */
const ring = ({ now, ringSeconds, next }: Ground): Invitation =>
  next ? { state: 'ringing', ringsId: next, dueAt: after(now, ringSeconds) } : { state: 'returned' };

/** [IN2] A no sends nothing and asks nobody. */
export function answerAsk(i: Invitation, yes: boolean, ground: Ground): Result<Invitation> {
  if (i.state !== 'asking') return refuse('invitation.gone');
  return ok(yes ? ring(ground) : { state: 'refused' });
}

/** [IN4] Only who is asked right now answers. */
export function accept(i: Invitation, staffId: string): Result<Invitation> {
  if (i.state !== 'ringing' || i.ringsId !== staffId) return refuse('invitation.gone');
  return ok({ state: 'joined', joinedId: staffId });
}
export function decline(i: Invitation, staffId: string, ground: Ground): Result<Invitation> {
  if (i.state !== 'ringing' || i.ringsId !== staffId) return refuse('invitation.gone');
  return ok(ring(ground));
}

/** [IN4] What happens by itself when its time is over, and never before (I26). @returns null: nothing */
export function onDue(i: Invitation, ground: Ground): Invitation | null {
  if (!('dueAt' in i) || ground.now < i.dueAt) return null;
  return i.state === 'asking' ? { state: 'unanswered' } : ring(ground);
}

/** [IN5] Taken back by either side until somebody has come. */
export function withdraw(i: Invitation): Result<Invitation> {
  if (isOver(i)) return refuse('invitation.gone');
  return ok({ state: 'withdrawn' });
}

export const isOver = ({ state }: Pick<Invitation, 'state'>): boolean => state !== 'asking' && state !== 'ringing';
