import type { Tx } from '../command.ts';

type Row = { id: string; line_id: string; request_id: string; peer_id: string; cost: number };

/** Takes back the pending offer of a request or of a peer, if there is one, and gives the peer the room back. */
export async function rescindOffer(tx: Tx, of: { requestId: string } | { peerId: string }): Promise<Row | null> {
  const [column, id] = 'requestId' in of ? ['request_id', of.requestId] : ['peer_id', of.peerId];
  const { rows } = await tx.query<Row>(
    `update offer set state = 'rescinded', resolved_at = $2 where ${column} = $1 and state = 'pending' returning id, line_id, request_id, peer_id, cost`,
    [id, tx.now],
  );
  const offer = rows[0];
  if (!offer) return null;
  await tx.query('update peer_state set load = load - $2, rev = rev + 1 where staff_id = $1', [
    offer.peer_id,
    offer.cost,
  ]);
  tx.undue('offer.expire', offer.id);
  tx.emit({
    type: 'offer.rescinded',
    lineId: offer.line_id,
    requestId: offer.request_id,
    offerId: offer.id,
    peerId: offer.peer_id,
  });
  return offer;
}
