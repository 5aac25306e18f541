import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { dispose, Room } from '@livekit/rtc-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/line.ts';
import { startTestLivekit, type TestLivekit } from '../support/livekit.ts';
import { ROOT, program, raisedLimits, startStack, type Stack } from '../support/services.ts';
import { connect } from '../support/sockets.ts';
import { done } from '../support/talking.ts';
import { visitor } from '../support/visitor.ts';
import { isOut } from './callers.ts';

let livekit: TestLivekit;
let stack: Stack;
beforeAll(async () => {
  livekit = await startTestLivekit();
  stack = await startStack({ servers: 3, workers: 1, seed: true, env: { ...raisedLimits, ...livekit.env } });
});
afterAll(async () => {
  await stack?.stop();
  await livekit?.stop();
  await dispose();
});

test('[S3] suspended at the terminal: out of the call within 5 s, and the caller’s next room does not know them', async () => {
  const [peer, caller] = [visitor(stack), visitor(stack, stack.urls[1])];
  const account = await peer.signInAs('maya');
  const command = () => ({ commandId: randomUUID() });
  await done(peer, 'shift.start', command());
  await done(peer, 'peer.setState', { ...command(), state: 'available' });
  await caller.consent();
  const pages = [await connect(peer, 'staff'), await connect(caller, 'caller')];
  await done(caller, 'request.open', { ...command(), channel: 'voice' });
  const offers = async () => (await done(peer, 'desk.view', {})).offers;
  await until('an offer', async () => (await offers()).length > 0);
  const desk = await done(peer, 'offer.accept', { ...command(), offerId: (await offers())[0]?.id ?? '' });
  const conversationId = desk.conversations[0]?.id ?? '';
  const enter = async (who: typeof peer) => {
    const seat = await done(who, 'media.join', { conversationId, canEncrypt: true });
    if (seat.engine !== 'livekit') throw new Error(seat.engine);
    const room = new Room();
    await room.connect(livekit.url, seat.token, { autoSubscribe: true, dynacast: false });
    return { room, seat };
  };
  const [theirs, mine] = [await enter(peer), await enter(caller)];
  await until('both are there', async () => mine.room.remoteParticipants.size === 1);
  const out = isOut(theirs.room);
  await program(join(ROOT, 'server/src/cli/staff.ts'), stack.env, ['suspend', '--email', account.email]);
  const since = performance.now(); // the sentence at the terminal is the promise
  await out;
  expect(performance.now() - since).toBeLessThan(5000);
  const again = await new Room()
    .connect(livekit.url, theirs.seat.token, { autoSubscribe: true, dynacast: false })
    .then(() => 'in')
    .catch((e: Error) => e.message);
  expect(again).not.toBe('in');
  const next = await enter(caller);
  expect(next.seat.generation).toBe(2);
  expect(next.room.remoteParticipants.size).toBe(0);
  await Promise.all([mine.room.disconnect(), next.room.disconnect()]);
  for (const page of pages) page?.socket.close();
});
