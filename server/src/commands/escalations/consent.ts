import { randomUUID } from 'node:crypto';
import type { OfEscalation, Share } from '@hearthline/shared/contracts/escalation';
import type { Result } from '@hearthline/shared/contracts/refusals';
import { purgeDueAt } from '@hearthline/shared/domain/retention';
import type { Deps } from '../../deps.ts';
import type { CallerActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, Refused, type Tx } from '../command.ts';
import { lockConversation, type LiveConversation } from '../conversations/lockConversation.ts';
import { toldOf } from '../parties/staffIn.ts';
import { lockEscalation, tell } from './ladder.ts';

/** What for: a clinician who is called, or a colleague who is asked in. */
export type ConsentOf = { escalationId: string } | { invitationId: string };

/** [CS1] What a caller agreed to is a row of its own: what, to whom, for what, until when. A newer one is a newer version. */
export async function consentTo(
  deps: Deps,
  tx: Tx,
  talk: LiveConversation,
  of: ConsentOf,
  share: Share,
): Promise<void> {
  const escalationId = 'escalationId' in of ? of.escalationId : null;
  const invitationId = 'invitationId' in of ? of.invitationId : null;
  const days = deps.lines.byId(talk.line_id)?.config.retentionDays ?? 30;
  await tx.query(
    `insert into disclosure_consent (id, caller_id, conversation_id, escalation_id, invitation_id, version, share, recipient, purpose, given_at, expires_at)
     select $1, $2, $3, $4, $5, coalesce(max(version), 0) + 1, $6, $7, 'helpInThisTalk', $8, $9
     from disclosure_consent where conversation_id = $3`,
    [
      randomUUID(),
      talk.caller_id,
      talk.id,
      escalationId,
      invitationId,
      share,
      escalationId ? 'clinicianOnCall' : 'anotherPeer',
      tx.now,
      purgeDueAt(tx.now, days),
    ],
  );
  tx.audit('consent.given', talk.line_id, escalationId ?? invitationId, { share });
}

type Consent = { id: string; version: number; share: Share };

/** [CS2] The last consent to this, where it is neither taken back nor over. */
export async function consentFor(tx: Tx, of: ConsentOf): Promise<Consent | null> {
  const [column, id] = 'escalationId' in of ? ['escalation_id', of.escalationId] : ['invitation_id', of.invitationId];
  const { rows } = await tx.query<Consent & { stands: boolean }>(
    `select id, version, share, revoked_at is null and expires_at > $2 as stands from disclosure_consent
     where ${column} = $1 order by version desc limit 1`,
    [id, tx.now],
  );
  return rows[0]?.stands ? rows[0] : null;
}

/** What may be shown of the talk now. */
export const sharedFor = async (tx: Tx, of: ConsentOf): Promise<Share> =>
  (await consentFor(tx, of))?.share ?? 'nothing';

/** [CS2] Whoever came in with it reads from their coming on: what was before is not there for them any more, by number or key. */
async function closeBefore(tx: Tx, talk: LiveConversation, partyId: string): Promise<void> {
  const { rowCount } = await tx.query(
    `update participant set from_epoch = joined_epoch, after_seq = joined_seq
     where conversation_id = $1 and party_id = $2 and from_epoch < joined_epoch`,
    [talk.id, partyId],
  );
  tx.emit({ type: 'conversation.parties', ...(await toldOf(tx, talk)) }); // a name or a summary may have gone with it
  if (rowCount > 0) tx.audit('party.closedBefore', talk.line_id, talk.id, { partyId });
}

/** [CS2] Taken back by person: whatever let them read what was before they came, a clinician or a colleague. */
export function revokeFor(
  deps: Deps,
  actor: CallerActor,
  input: { commandId: string; conversationId: string; partyId: string },
): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'consent.revokeFor', actor, commandId: input.commandId, input }, async (tx) => {
    const talk = await lockConversation(tx, input.conversationId);
    allow(can(actor, 'escalation.consent', { callerId: talk.caller_id }), 'conversation.gone');
    const { rows } = await tx.query<{ of: string; escalation_id: string | null }>(
      `update disclosure_consent d set revoked_at = $3
       where d.conversation_id = $1 and d.share <> 'nothing' and d.revoked_at is null
         and (d.escalation_id = any (select id from escalation where conversation_id = $1 and owner_id = $2)
           or d.invitation_id = any (select id from invitation where conversation_id = $1 and rings_id = $2 and state = 'joined'))
       returning coalesce(d.escalation_id, d.invitation_id) as of, d.escalation_id`,
      [talk.id, input.partyId, tx.now],
    );
    if (rows.length === 0) throw new Refused('party.gone');
    for (const { of, escalation_id: escalationId } of rows) {
      tx.audit('consent.revoked', talk.line_id, of);
      if (escalationId) await nothingShared(tx, escalationId);
    }
    await closeBefore(tx, talk, input.partyId);
    return { done: true as const };
  });
}

/** What was written for them before they came is not handed out any more either (ES13). */
const nothingShared = (tx: Tx, escalationId: string) =>
  tx.query(`update escalation set share = 'nothing', rev = rev + 1 where id = $1`, [escalationId]);

/** [CS2] Taken back: what was shown was shown, and nothing is from now on. */
export function revokeShare(deps: Deps, actor: CallerActor, input: OfEscalation): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'consent.revoke', actor, commandId: input.commandId, input }, async (tx) => {
    const found = await lockEscalation(tx, input.escalationId);
    allow(can(actor, 'escalation.consent', { callerId: found.talk.caller_id }), 'escalation.gone');
    const revoked = await tx.query(
      'update disclosure_consent set revoked_at = $2 where escalation_id = $1 and revoked_at is null',
      [found.row.id, tx.now],
    );
    if (revoked.rowCount === 0) throw new Refused('escalation.gone');
    await nothingShared(tx, found.row.id);
    if (found.row.owner_id) await closeBefore(tx, found.talk, found.row.owner_id);
    tx.audit('consent.revoked', found.row.line_id, found.row.id);
    await tell(tx, found);
    return { done: true as const };
  });
}
