import type { Actor } from './actor.ts';

type Records = {
  'request.leave': { callerId: string };
  'offer.answer': { peerId: string };
  'conversation.read': { callerId: string; peerId: string };
  'conversation.end': { callerId: string; peerId: string };
  'conversation.nextPeer': { callerId: string };
  'wrapUp.submit': { peerId: string };
  'survey.submit': { callerId: string };
  'shift.work': { lineId: string };
  'board.see': { lineId: string };
  'time.act': Record<string, never>;
};
export type Action = keyof Records;

/** Who may do what to which record: the only place that says so (S7, I15). Everything not said here is refused. */
export function can<A extends Action>(actor: Actor, action: A, record: Records[A]): boolean {
  switch (action) {
    case 'request.leave':
    case 'conversation.nextPeer':
    case 'survey.submit':
      return actor.kind === 'caller' && (record as Records['request.leave']).callerId === actor.id;
    case 'offer.answer':
    case 'wrapUp.submit':
      return isPeer(actor) && (record as Records['offer.answer']).peerId === actor.id;
    case 'conversation.read':
    case 'conversation.end': {
      const c = record as Records['conversation.read'];
      return (actor.kind === 'caller' && c.callerId === actor.id) || (isPeer(actor) && c.peerId === actor.id);
    }
    case 'shift.work':
      return (
        isPeer(actor) && actor.kind === 'staff' && actor.lineIds.includes((record as Records['shift.work']).lineId)
      );
    case 'board.see':
      return (
        actor.kind === 'staff' &&
        (actor.roles.includes('coordinator') || actor.roles.includes('administrator')) &&
        actor.lineIds.includes((record as Records['board.see']).lineId)
      );
    case 'time.act':
      return actor.kind === 'system';
    default:
      return false;
  }
}

const isPeer = (actor: Actor): boolean => actor.kind === 'staff' && actor.roles.includes('peer');
