import { randomUUID } from 'node:crypto';
import type { Channel, TalkChannel } from '@hearthline/shared/contracts/ids';
import type { Result } from '@hearthline/shared/contracts/refusals';
import type { PeerState } from '@hearthline/shared/contracts/views';
import { endShift as mayEnd, setState as maySet, type Peer } from '@hearthline/shared/domain/peer.machine';
import { takenAs } from '@hearthline/shared/domain/routing/pickMatches';
import type { Deps } from '../../deps.ts';
import type { StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, orRefuse, Refused, type Tx } from '../command.ts';
import { passOver } from '../invitations/withTalk.ts';
import { rescindOffer } from '../offers/rescindOffer.ts';

const talkChannels = ['chat', 'voice', 'video'] as const;
type Locked = Peer & { lineId: string; shiftId: string | null };

/** [PE6] Starting a shift twice is one shift. The peer begins on break and says when they are available. */
export function startShift(deps: Deps, actor: StaffActor, commandId: string): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'shift.start', actor, commandId }, async (tx) => {
    const line = deps.lines.all().find((l) => actor.lineIds.includes(l.id));
    if (!line) throw new Refused('line.gone');
    allow(can(actor, 'shift.work', { lineId: line.id }));
    const open = await tx.query('select 1 from shift where staff_id = $1 and ended_at is null', [actor.id]);
    if (open.rowCount > 0) return { done: true as const };
    const shiftId = randomUUID();
    await tx.query('insert into shift (id, staff_id, line_id, started_at) values ($1, $2, $3, $4)', [
      shiftId,
      actor.id,
      line.id,
      tx.now,
    ]);
    await tx.query(
      `insert into peer_state (staff_id, line_id, state, chat_limit, shift_id) values ($1, $2, 'break', $3, $4)
       on conflict (staff_id) do update set line_id = excluded.line_id, state = 'break', shift_id = excluded.shift_id, missed_offer = false, away_since = null, rev = peer_state.rev + 1`,
      [actor.id, line.id, line.config.chatsPerPeer, shiftId],
    );
    tx.emit({ type: 'peer.changed', lineId: line.id, peerId: actor.id });
    tx.audit('shift.started', line.id, shiftId);
    return { done: true as const };
  });
}

export function endShift(deps: Deps, actor: StaffActor, commandId: string): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'shift.end', actor, commandId }, async (tx) => {
    await askNoMore(deps, tx, actor.id);
    const peer = await lockPeer(tx, actor.id);
    orRefuse(mayEnd(peer));
    await tx.query(
      `update peer_state set state = 'off', shift_id = null, load = 0, missed_offer = false, away_since = null, rev = rev + 1 where staff_id = $1`,
      [actor.id],
    );
    await tx.query('update shift set ended_at = $2 where staff_id = $1 and ended_at is null', [actor.id, tx.now]);
    tx.emit({ type: 'peer.changed', lineId: peer.lineId, peerId: actor.id });
    tx.audit('shift.ended', peer.lineId, peer.shiftId);
    return { done: true as const };
  });
}

/** [PE7] Leaving "available" takes back a pending offer, and what a colleague asks, without a mark against the peer. */
export function setPeerState(
  deps: Deps,
  actor: StaffActor,
  commandId: string,
  to: Exclude<PeerState, 'off' | 'paused'>,
): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'peer.setState', actor, commandId, input: to }, async (tx) => {
    if (to !== 'available') await askNoMore(deps, tx, actor.id);
    const peer = await lockPeer(tx, actor.id);
    const state = orRefuse(maySet(peer, to));
    await tx.query('update peer_state set state = $2, missed_offer = false, rev = rev + 1 where staff_id = $1', [
      actor.id,
      state,
    ]);
    tx.emit({ type: 'peer.changed', lineId: peer.lineId, peerId: actor.id });
    tx.audit('peer.stateSet', peer.lineId, actor.id, { state });
    return { done: true as const };
  });
}

/** [PE8] A lower limit cuts nothing that runs; it only lets no new one in (I5). */
export function setChatLimit(
  deps: Deps,
  actor: StaffActor,
  commandId: string,
  chats: number,
): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'peer.setLimit', actor, commandId, input: chats }, async (tx) => {
    const peer = await lockPeer(tx, actor.id);
    await tx.query('update peer_state set chat_limit = $2, rev = rev + 1 where staff_id = $1', [actor.id, chats]);
    tx.emit({ type: 'peer.changed', lineId: peer.lineId, peerId: actor.id });
    return { done: true as const };
  });
}

/** [PE9] Taking fewer channels ends nothing that runs; an offer of one that is not taken any more goes back without a mark. */
export function setChannels(
  deps: Deps,
  actor: StaffActor,
  input: { commandId: string; channels: readonly TalkChannel[] },
): Promise<Result<{ done: true }>> {
  const channels = talkChannels.filter((c) => input.channels.includes(c));
  return act(deps, { name: 'peer.setChannels', actor, commandId: input.commandId, input: channels }, async (tx) => {
    const asked = await tx.query<{ channel: Channel }>(
      `select r.channel from offer o join request r on r.id = o.request_id where o.peer_id = $1 and o.state = 'pending'`,
      [actor.id],
    );
    if (asked.rows.some((r) => !channels.includes(takenAs(r.channel)))) await rescindAndRequeue(tx, actor.id);
    const peer = await lockPeer(tx, actor.id);
    await tx.query('update peer_state set channels = $2, rev = rev + 1 where staff_id = $1', [actor.id, channels]);
    tx.emit({ type: 'peer.changed', lineId: peer.lineId, peerId: actor.id });
    return { done: true as const };
  });
}

async function askNoMore(deps: Deps, tx: Tx, peerId: string): Promise<void> {
  await passOver(deps, tx, peerId);
  await rescindAndRequeue(tx, peerId);
}

async function rescindAndRequeue(tx: Tx, peerId: string): Promise<void> {
  await tx.query(
    `select 1 from request where id = (select request_id from offer where peer_id = $1 and state = 'pending') for update`,
    [peerId],
  );
  const offer = await rescindOffer(tx, { peerId });
  if (offer)
    await tx.query(`update request set state = 'waiting', rev = rev + 1 where id = $1 and state = 'offered'`, [
      offer.request_id,
    ]);
}

async function lockPeer(tx: Tx, id: string): Promise<Locked> {
  const { rows } = await tx.query<{ line_id: string; state: PeerState; shift_id: string | null }>(
    'select line_id, state, shift_id from peer_state where staff_id = $1 for update',
    [id],
  );
  const peer = rows[0];
  if (!peer) throw new Refused('peer.noShift');
  const open = await tx.query<{ live: number; wrap_ups: number }>(
    `select (select count(*)::int from participant where party_id = $1 and role = 'peer' and left_at is null) as live, (select count(*)::int from wrap_up where peer_id = $1 and state = 'due') as wrap_ups`,
    [id],
  );
  return {
    lineId: peer.line_id,
    state: peer.state,
    shiftId: peer.shift_id,
    live: open.rows[0]?.live ?? 0,
    wrapUpsDue: open.rows[0]?.wrap_ups ?? 0,
  };
}
