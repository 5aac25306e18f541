import type { InvitationPurpose, SharedBefore } from '@hearthline/shared/contracts/invitation';
import { answerAsk, invite, onDue, withdraw } from '@hearthline/shared/domain/invitation.machine';
import { act, allow, orRefuse, Refused, type Tx } from '../act.ts';
import type { LineId } from '../line/line.ts';
import type { Process } from '../processes.ts';
import type { RowOf } from '../store/rows.ts';
import { consentTo } from './escalations.ts';
import { groundOf, lockInvitation, machineOf, move, openInvitation } from './invitationRow.ts';
import { lockTalk, mustHold, pause, staffIn, type Talk } from './parties.ts';
import { openEscalation } from './withTalk.ts';

export type Of = { commandId: string; id: string };
export type Wish = { purpose: InvitationPurpose; whom: string | null; lineId: LineId };
const done = { done: true as const };

/** [IN1] Its id is that of the command. */
export const inviteColleague = (p: Process, staffId: string, commandId: string, talkId: string, wish: Wish) =>
  act(p, { name: 'invitation.make', actor: staffId, commandId }, (tx) => {
    const talk = lockTalk(tx, talkId);
    const staff = staffIn(tx, talkId);
    allow(
      staff.some(({ id }) => id === staffId),
      'conversation.gone',
    );
    if (talk.state !== 'live') throw new Refused('conversation.ended');
    allow(talk.peerId === staffId, 'control.notYours');
    mustHold(tx, talk.channel, staff.length + 1);
    if (openInvitation(tx, talkId)) throw new Refused('invitation.open');
    const row = rowOf(tx, `invitation-${commandId}`, staffId, talk, wish);
    const ground = groundOf(tx, { row, talk });
    if (!ground.next) throw new Refused('invitation.nobody');
    move(tx, { row, talk }, invite(ground), ground);
    return { invitationId: row.id };
  });

function rowOf(tx: Tx, id: string, askedBy: string, talk: Talk, wish: Wish): RowOf<'invitation'> {
  if (wish.lineId !== talk.lineId) {
    if (wish.whom || wish.purpose !== 'takeOver') throw new Refused('input.malformed');
    if (openEscalation(tx, talk.id)) throw new Refused('escalation.open');
  }
  const nobody = { share: null, ringsId: null, cost: 0, tried: [], dueAt: null };
  return { id, talkId: talk.id, askedBy, ...wish, state: 'asking', ...nobody };
}

/** [IN2] */
export const answerInvitation = (p: Process, callerId: string, { commandId, id }: Of, share: SharedBefore | null) =>
  act(p, { name: 'invitation.answer', actor: callerId, commandId }, (tx) => {
    const found = lockInvitation(tx, id);
    allow(found.talk.callerId === callerId, 'invitation.gone');
    const ground = groundOf(tx, found);
    const next = orRefuse(answerAsk(machineOf(found.row), share !== null, ground));
    if (share) consentTo(tx, id, share);
    move(tx, { ...found, row: { ...found.row, share } }, next, ground);
    return done;
  });

/** [IN5] */
export const withdrawInvitation = (p: Process, actor: string, { commandId, id }: Of) =>
  act(p, { name: 'invitation.withdraw', actor, commandId }, (tx) => {
    const found = lockInvitation(tx, id);
    allow(found.talk.callerId === actor || found.talk.peerId === actor, 'invitation.gone');
    move(tx, found, orRefuse(withdraw(machineOf(found.row))), null);
    return done;
  });

/** [IN4] Who let it ring is paused (OF5). */
export const goOnInviting = (p: Process, id: string) =>
  act(p, { name: 'invitation.goOn' }, (tx) => {
    const found = lockInvitation(tx, id);
    const silent = found.row.state === 'ringing' ? found.row.ringsId : null;
    const ground = groundOf(tx, found);
    const next = onDue(machineOf(found.row), ground);
    if (!next) return { done: false };
    if (silent) pause(tx, silent);
    move(tx, found, next, ground);
    return { done: true };
  });
