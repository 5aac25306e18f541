import type { StaffRole } from '@hearthline/shared/domain/control.machine';
import type { Actor, StaffActor } from './actor.ts';

/**
 * Who is in a conversation, or was until its end: the caller (none where peer and clinician talk alone), everybody on staff with the
 * role they are in it with, and which of them holds it.
 */
export type Membership = {
  callerId: string | null;
  holderId: string;
  staff: readonly { id: string; role: StaffRole }[];
};
type Records = {
  'request.leave': { callerId: string };
  'offer.answer': { peerId: string };
  'conversation.read': Membership;
  'conversation.leave': Membership;
  'conversation.hold': Membership;
  'conversation.end': Membership;
  'channel.change': Membership;
  'media.join': Membership;
  'party.remove': { callerId: string };
  'conversation.nextPeer': { callerId: string };
  /** staffId: who is asked right now, and what as. */
  'invitation.take': { staffId: string | null; as: 'peer' | 'coordinator' };
  'wrapUp.submit': { peerId: string };
  'escalation.raise': { peerId: string };
  'escalation.consent': { callerId: string | null };
  /** called: this very person was. */
  'escalation.answer': { called: boolean };
  'escalation.have': { ownerId: string | null };
  'survey.submit': { callerId: string };
  'shift.work': { lineId: string };
  'board.see': { lineId: string };
  'measures.see': { lineId: string };
  'roster.see': { lineId: string };
  'roster.change': { lineId: string };
  'means.own': { staffId: string };
  'time.act': Record<string, never>;
};
export type Action = keyof Records;

/** Who may do what to which record: the only place that says so (S7, I15). Everything not said here is refused. */
export function can<A extends Action>(actor: Actor, action: A, record: Records[A]): boolean {
  switch (action) {
    case 'request.leave':
    case 'conversation.nextPeer':
    case 'party.remove':
    case 'survey.submit':
      return actor.kind === 'caller' && (record as Records['request.leave']).callerId === actor.id;
    case 'escalation.consent':
      return actor.kind === 'caller' && (record as Records['escalation.consent']).callerId === actor.id;
    case 'escalation.answer':
      return isClinician(actor) && (record as Records['escalation.answer']).called;
    case 'escalation.have':
      return isClinician(actor) && (record as Records['escalation.have']).ownerId === actor.id;
    case 'offer.answer':
    case 'escalation.raise':
    case 'wrapUp.submit':
      return isPeer(actor) && (record as Records['offer.answer']).peerId === actor.id;
    case 'invitation.take': {
      const { staffId, as } = record as Records['invitation.take'];
      return actor.kind === 'staff' && actor.roles.includes(as) && staffId === actor.id;
    }
    case 'conversation.read':
    case 'media.join':
      return isCallerOf(actor, record as Membership) || isStaffIn(actor, record as Membership);
    case 'conversation.leave':
      return isStaffIn(actor, record as Membership);
    case 'conversation.hold':
      return holds(actor, record as Membership);
    case 'channel.change':
    case 'conversation.end':
      return isCallerOf(actor, record as Membership) || holds(actor, record as Membership);
    case 'shift.work':
      return (
        isPeer(actor) && actor.kind === 'staff' && actor.lineIds.includes((record as Records['shift.work']).lineId)
      );
    case 'board.see':
    case 'measures.see':
    case 'roster.change':
      return runsLine(actor, (record as Records['board.see']).lineId);
    case 'roster.see': {
      const { lineId } = record as Records['roster.see'];
      return runsLine(actor, lineId) || (isClinician(actor) && actor.lineIds.includes(lineId));
    }
    case 'means.own':
      return (
        actor.kind === 'staff' &&
        (actor.roles.includes('clinician') || actor.roles.includes('coordinator')) &&
        (record as Records['means.own']).staffId === actor.id
      );
    case 'time.act':
      return actor.kind === 'system';
    default:
      return false;
  }
}

const isCallerOf = (actor: Actor, { callerId }: Membership): boolean =>
  actor.kind === 'caller' && callerId === actor.id;
/** In it, and still with the role they came in with. */
const isStaffIn = (actor: Actor, { staff }: Membership): boolean =>
  actor.kind === 'staff' && staff.some(({ id, role }) => id === actor.id && actor.roles.includes(role));
const holds = (actor: Actor, record: Membership): boolean => isStaffIn(actor, record) && record.holderId === actor.id;
const runsLine = (actor: Actor, lineId: string): boolean =>
  actor.kind === 'staff' &&
  (actor.roles.includes('coordinator') || actor.roles.includes('administrator')) &&
  actor.lineIds.includes(lineId);
const isClinician = (actor: Actor): actor is StaffActor => actor.kind === 'staff' && actor.roles.includes('clinician');
const isPeer = (actor: Actor): boolean => actor.kind === 'staff' && actor.roles.includes('peer');
