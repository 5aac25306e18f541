import { randomUUID } from 'node:crypto';
import type { OfEscalation, Share } from '@hearthline/shared/contracts/escalation';
import type { Result } from '@hearthline/shared/contracts/refusals';
import { purgeDueAt } from '@hearthline/shared/domain/retention';
import type { Deps } from '../../deps.ts';
import type { CallerActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, Refused, type Tx } from '../command.ts';
import type { LiveConversation } from '../conversations/lockConversation.ts';
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

/** [CS2] What may be shown of the talk now: the last consent to this that is neither taken back nor over. */
export async function sharedFor(tx: Tx, of: ConsentOf): Promise<Share> {
  const [column, id] = 'escalationId' in of ? ['escalation_id', of.escalationId] : ['invitation_id', of.invitationId];
  const { rows } = await tx.query<{ share: Share; stands: boolean }>(
    `select share, revoked_at is null and expires_at > $2 as stands from disclosure_consent
     where ${column} = $1 order by version desc limit 1`,
    [id, tx.now],
  );
  return rows[0]?.stands ? rows[0].share : 'nothing';
}

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
    await tx.query(`update escalation set share = 'nothing', rev = rev + 1 where id = $1`, [found.row.id]);
    tx.audit('consent.revoked', found.row.line_id, found.row.id);
    await tell(tx, found);
    return { done: true as const };
  });
}
