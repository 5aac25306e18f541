import { randomBytes, randomUUID } from 'node:crypto';
import type { Message } from '@hearthline/shared/contracts/message';
import type { Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { connect } from '../support/sockets.ts';
import { talking } from '../support/talking.ts';
import { visitor, type Visitor } from '../support/visitor.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ servers: 2, seed: true, env: raisedLimits });
});
afterAll(() => stack?.stop());

test('[I13][I25] a server that has just started tells the others what is said on it, and hears them, from the first word', async () => {
  const [peer, caller] = [visitor(stack), visitor(stack)];
  await peer.signInAs('maya');
  const { conversationId } = await talking(peer, caller);
  const word = () => ({
    conversationId,
    clientId: randomUUID(),
    epoch: 1,
    iv: randomBytes(12).toString('base64'),
    ciphertext: randomBytes(80).toString('base64'),
  });
  await stack.restart('server2');
  /** A pushed view comes once the page is where its talk is told. */
  const opened = async (who: Visitor, as: 'staff' | 'caller', url = '') => {
    const { promise: inTalk, resolve } = Promise.withResolvers<unknown>();
    const listen = (socket: Socket) => void socket.once(as === 'staff' ? 'desk.view' : 'caller.view', resolve);
    const connected = await connect(who, as, { url, tab: randomUUID(), listen });
    if (!connected) throw new Error('the handshake was refused');
    await inTalk;
    return connected;
  };
  const [here, there] = await Promise.all([
    opened(peer, 'staff', stack.urls[0]),
    opened(caller, 'caller', stack.urls[1]),
  ]);
  const ways = [
    [there.socket, here.socket],
    [here.socket, there.socket],
  ] as const;
  for (const [from, to] of ways) {
    const sent = word();
    const heard = new Promise<string>((done) => to.on('message', (m: Message) => done(m.clientId)));
    expect(await from.emitWithAck('message.send', sent)).toMatchObject({ ok: true });
    const late = new Promise<string>((done) => setTimeout(done, 2000, 'not within 2 s'));
    expect(await Promise.race([heard, late])).toBe(sent.clientId);
  }
  for (const { socket } of [here, there]) socket.disconnect();
});
