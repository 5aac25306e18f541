import type { Channel } from '@hearthline/shared/contracts/ids';
import type { Result } from '@hearthline/shared/contracts/refusals';
import { answer, canExpire, type Offer } from '@hearthline/shared/domain/offer.machine';
import type { Deps } from '../../deps.ts';
import { system, type StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, orRefuse, Refused, type Tx } from '../command.ts';
import { openTalk } from '../conversations/openTalk.ts';
import { pauseSilent } from '../peers/pauseSilent.ts';

type Locked = Offer & { lineId: string; callerId: string; channel: Channel; cost: number; absentSince: Date | null };

/** [OF3] Accepting opens the conversation, its first epoch and its key in the same transaction. */
export function acceptOffer(
  deps: Deps,
  actor: StaffActor,
  input: { commandId: string; offerId: string },
): Promise<Result<{ conversationId: string }>> {
  return act(deps, { name: 'offer.accept', actor, commandId: input.commandId, input }, async (tx) => {
    const offer = await lockOffer(tx, input.offerId);
    allow(can(actor, 'offer.answer', { peerId: offer.peerId }), 'offer.gone');
    orRefuse(answer(offer, actor.id, tx.now));
    await resolve(tx, offer, 'accepted');
    const moved = await tx.query<{ class: number }>(
      `update request set state = 'matched', answered_at = coalesce(answered_at, $2), rev = rev + 1 where id = $1 and state = 'offered' returning class`,
      [offer.requestId, tx.now],
    );
    if (moved.rowCount === 0) throw new Refused('offer.gone');
    const conversationId = await openTalk(tx, deps, {
      ...offer,
      holder: { id: offer.peerId, role: 'peer', cost: offer.cost },
      returned: moved.rows[0]?.class === 0,
    }).catch((e: unknown) => {
      throw e instanceof Refused ? new Refused('offer.gone') : e;
    });
    tx.emit({
      type: 'offer.accepted',
      lineId: offer.lineId,
      requestId: offer.requestId,
      offerId: offer.id,
      conversationId,
      callerId: offer.callerId,
      peerId: offer.peerId,
    });
    tx.audit('offer.accepted', offer.lineId, offer.id, { conversationId });
    return { conversationId };
  });
}

/** [OF4] Declined or recused: back to its place in line with its age, and not to this peer again: recused for good, declined for a minute. */
export function declineOffer(
  deps: Deps,
  actor: StaffActor,
  why: 'declined' | 'recused',
  input: { commandId: string; offerId: string },
): Promise<Result<{ done: true }>> {
  return act(deps, { name: `offer.${why}`, actor, commandId: input.commandId, input }, async (tx) => {
    const offer = await lockOffer(tx, input.offerId);
    allow(can(actor, 'offer.answer', { peerId: offer.peerId }), 'offer.gone');
    orRefuse(answer(offer, actor.id, tx.now));
    await resolve(tx, offer, 'declined');
    await giveBack(tx, offer);
    await tx.query(
      'insert into request_exclusion (request_id, peer_id, why, at) values ($1, $2, $3, $4) on conflict (request_id, peer_id) do update set why = excluded.why, at = excluded.at',
      [offer.requestId, offer.peerId, why, tx.now],
    );
    tx.emit({
      type: 'offer.declined',
      lineId: offer.lineId,
      requestId: offer.requestId,
      offerId: offer.id,
      callerId: offer.callerId,
      peerId: offer.peerId,
    });
    tx.audit(`offer.${why}`, offer.lineId, offer.id);
    return { done: true as const };
  });
}

/** [OF5] Unanswered: back to its place with its age, and the silent peer is paused until they say they are back. */
export function expireOffer(deps: Deps, offerId: string): Promise<Result<{ done: boolean }>> {
  return act(deps, { name: 'offer.expire', actor: system }, async (tx) => {
    const offer = await lockOffer(tx, offerId);
    if (!canExpire(offer, tx.now)) return { done: false };
    await resolve(tx, offer, 'expired');
    await giveBack(tx, offer);
    await pauseSilent(tx, offer.peerId);
    tx.emit({
      type: 'offer.expired',
      lineId: offer.lineId,
      requestId: offer.requestId,
      offerId: offer.id,
      callerId: offer.callerId,
      peerId: offer.peerId,
    });
    tx.audit('offer.expired', offer.lineId, offer.id, { peerId: offer.peerId });
    return { done: true };
  });
}

/** Request first, then offer: the one order of locks. */
async function lockOffer(tx: Tx, offerId: string): Promise<Locked> {
  const { rows: requests } = await tx.query<{
    id: string;
    caller_id: string;
    channel: Channel;
    absent_since: Date | null;
  }>(
    'select r.id, r.caller_id, r.channel, r.absent_since from request r where r.id = (select request_id from offer where id = $1) for update',
    [offerId],
  );
  const { rows } = await tx.query<{
    id: string;
    line_id: string;
    request_id: string;
    peer_id: string;
    state: Offer['state'];
    cost: number;
    expires_at: Date;
  }>('select id, line_id, request_id, peer_id, state, cost, expires_at from offer where id = $1 for update', [offerId]);
  const offer = rows[0];
  const request = requests[0];
  if (!offer || !request) throw new Refused('offer.gone');
  return {
    id: offer.id,
    lineId: offer.line_id,
    requestId: offer.request_id,
    peerId: offer.peer_id,
    state: offer.state,
    cost: offer.cost,
    expiresAt: offer.expires_at,
    callerId: request.caller_id,
    channel: request.channel,
    absentSince: request.absent_since,
  };
}

async function resolve(tx: Tx, offer: Locked, to: 'accepted' | 'declined' | 'expired'): Promise<void> {
  const done = await tx.query(`update offer set state = $2, resolved_at = $3 where id = $1 and state = 'pending'`, [
    offer.id,
    to,
    tx.now,
  ]);
  if (done.rowCount === 0) throw new Refused('offer.gone');
  tx.undue('offer.expire', offer.id);
}

/** The place and the age stay the caller's; the room goes back to the peer. */
async function giveBack(tx: Tx, offer: Locked): Promise<void> {
  const moved = await tx.query(
    `update request set state = 'waiting', rev = rev + 1 where id = $1 and state = 'offered'`,
    [offer.requestId],
  );
  if (moved.rowCount === 0) throw new Refused('offer.gone');
  await tx.query('update peer_state set load = load - $2, rev = rev + 1 where staff_id = $1', [
    offer.peerId,
    offer.cost,
  ]);
}
