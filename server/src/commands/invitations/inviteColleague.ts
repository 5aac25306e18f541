import type { AnswerInvitation, InviteColleague, OfInvitation } from '@hearthline/shared/contracts/invitation';
import type { Result } from '@hearthline/shared/contracts/refusals';
import { answerAsk, invite, onDue, withdraw } from '@hearthline/shared/domain/invitation.machine';
import type { Deps } from '../../deps.ts';
import { system, type CallerActor, type StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, orRefuse, Refused, type Tx } from '../command.ts';
import { absent, lockConversation, type LiveConversation } from '../conversations/lockConversation.ts';
import { consentTo } from '../escalations/consent.ts';
import { openEscalation } from '../escalations/ladder.ts';
import { mustHold } from '../parties/addParty.ts';
import { membership, staffIn } from '../parties/staffIn.ts';
import { pauseSilent } from '../peers/pauseSilent.ts';
import { groundOf, lockInvitation, machineOf, move, openInvitation, type InvitationRow } from './invitationRow.ts';

type Done = { done: true };
const done: Done = { done: true };

/**
 * [IN1] Whoever holds a talk asks a colleague into it. The id of the command is that of the invitation; while one is open there is
 * no other. Nobody is asked of whom it is known that they cannot come now.
 */
export function inviteColleague(
  deps: Deps,
  actor: StaffActor,
  input: InviteColleague,
): Promise<Result<{ invitationId: string }>> {
  return act(deps, { name: 'invitation.make', actor, commandId: input.commandId, input }, async (tx) => {
    const talk = await lockConversation(tx, input.conversationId);
    const who = membership(talk, await staffIn(tx, talk.id));
    allow(can(actor, 'conversation.read', who), 'conversation.gone');
    if (talk.state !== 'live') throw new Refused('conversation.ended');
    allow(can(actor, 'conversation.hold', who), 'control.notYours');
    if (talk.channel === 'phone') throw new Refused('channel.phone'); // nobody can be asked on a page
    mustHold(deps, talk.channel, who.staff.length + 1);
    if (await openInvitation(tx, talk.id)) throw new Refused('invitation.open');
    const row = await rowOf(deps, tx, actor, talk, input);
    const ground = await groundOf(deps, tx, { row, talk });
    if (!ground.next) throw new Refused('invitation.nobody');
    const next = invite(ground);
    await tx.query(
      `insert into invitation (id, line_id, conversation_id, purpose, asked_by, whom, asked_at, state, next_due_at)
       values ($1, $2, $3, $4, $5, $6, $7, 'asking', $7)`,
      [row.id, row.line_id, talk.id, row.purpose, actor.id, row.whom, tx.now],
    );
    tx.audit('invitation.made', talk.line_id, row.id, { purpose: row.purpose, whom: row.whom ?? row.line_id });
    await move(tx, { row, talk }, next, ground);
    return { invitationId: row.id };
  });
}

async function rowOf(
  deps: Deps,
  tx: Tx,
  actor: StaffActor,
  talk: LiveConversation,
  { commandId, purpose, staffId, lineId: wanted }: InviteColleague,
): Promise<InvitationRow> {
  if (staffId && wanted) throw new Refused('input.malformed'); // who is named is of this line
  const lineId = wanted ?? talk.line_id;
  if (!deps.lines.byId(lineId)) throw new Refused('line.gone');
  // [IN6] to another line it goes as a whole, and with nobody called for it by this one
  if (lineId !== talk.line_id) {
    if (purpose !== 'takeOver') throw new Refused('input.malformed');
    if (await openEscalation(tx, talk.id)) throw new Refused('escalation.open');
  }
  return {
    id: commandId,
    line_id: lineId,
    conversation_id: talk.id,
    purpose,
    asked_by: actor.id,
    whom: staffId ?? null,
    state: 'asking',
    share: null,
    rings_id: null,
    cost: 0,
    tried: [],
    next_due_at: null,
  };
}

/** [IN2] The caller says on their own page whether a colleague may come, and what of before they may see. */
export function answerInvitation(deps: Deps, actor: CallerActor, input: AnswerInvitation): Promise<Result<Done>> {
  return act(deps, { name: 'invitation.answer', actor, commandId: input.commandId, input }, async (tx) => {
    const found = await lockInvitation(tx, input.invitationId);
    const { row, talk } = found;
    allow(can(actor, 'escalation.consent', { callerId: talk.caller_id }), 'invitation.gone');
    if (input.yes && !input.share) throw new Refused('escalation.shareMissing');
    const ground = await groundOf(deps, tx, found);
    const next = orRefuse(answerAsk(machineOf(row), input.yes, ground));
    if (input.yes && input.share) {
      await tx.query('update invitation set share = $2 where id = $1', [row.id, input.share]);
      await consentTo(deps, tx, talk, { invitationId: row.id }, input.share);
    }
    await move(tx, found, next, ground);
    return done;
  });
}

/** [IN5] Taken back by whoever holds the talk or by its caller, until somebody has come. */
export function withdrawInvitation(
  deps: Deps,
  actor: CallerActor | StaffActor,
  input: OfInvitation,
): Promise<Result<Done>> {
  return act(deps, { name: 'invitation.withdraw', actor, commandId: input.commandId, input }, async (tx) => {
    const found = await lockInvitation(tx, input.invitationId);
    const who = membership(found.talk, await staffIn(tx, found.talk.id));
    allow(can(actor, 'conversation.end', who), 'invitation.gone');
    await move(tx, found, orRefuse(withdraw(machineOf(found.row))), null);
    return done;
  });
}

/** [IN4] Its time is over: by the due row, judged on the locked row, never before (I26). Who let it ring is paused, as by an offer (OF5). */
export function goOnInviting(deps: Deps, invitationId: string): Promise<Result<{ done: boolean }>> {
  return act(deps, { name: 'invitation.goOn', actor: system }, async (tx) => {
    const found = await lockInvitation(tx, invitationId).catch(absent);
    if (!found) return { done: false };
    const silent = found.row.state === 'ringing' ? found.row.rings_id : null;
    const ground = await groundOf(deps, tx, found);
    const next = onDue(machineOf(found.row), ground);
    if (!next) return { done: false };
    if (silent) await pauseSilent(tx, silent);
    await move(tx, found, next, ground);
    return { done: true };
  });
}
