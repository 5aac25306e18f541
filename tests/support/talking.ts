import { randomUUID } from 'node:crypto';
import type { DoorInput, DoorName, DoorOutput } from '@hearthline/shared/contracts/doors';
import { until } from './line.ts';
import type { Visitor } from './visitor.ts';

/** Knocks over HTTP as a page does. @throws what the refusal says */
export async function done<N extends DoorName>(who: Visitor, door: N, input: DoorInput<N>): Promise<DoorOutput<N>> {
  const { body } = await who.door(door, input);
  const answer = body as { ok: boolean; value: DoorOutput<N> };
  if (!answer.ok) throw new Error(`${door}: ${JSON.stringify(body)}`);
  return answer.value;
}

/** A signed-in peer and a caller come into a talk, and the peer has its key. */
export async function talking(
  peer: Visitor,
  caller: Visitor,
): Promise<{ conversationId: string; keys: DoorOutput<'key.get'> }> {
  const command = () => ({ commandId: randomUUID() });
  await done(peer, 'shift.start', command());
  await done(peer, 'peer.setState', { ...command(), state: 'available' });
  await caller.consent();
  await done(caller, 'request.open', command());
  const offers = async () => (await done(peer, 'desk.view', {})).offers;
  await until('an offer', async () => (await offers()).length > 0);
  const [offer] = await offers();
  const desk = await done(peer, 'offer.accept', { ...command(), offerId: offer?.id ?? '' });
  const conversationId = desk.conversations[0]?.id ?? '';
  return { conversationId, keys: await done(peer, 'key.get', { conversationId }) };
}
