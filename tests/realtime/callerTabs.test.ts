import type { Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CallerView } from '@hearthline/shared/contracts/views';
import { raisedLimits, startStack, type Stack } from '../support/services.ts';
import { connect } from '../support/sockets.ts';
import { visitor, type Visitor } from '../support/visitor.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ servers: 2, workers: 0, seed: true, env: raisedLimits });
});
afterAll(() => stack.stop());

async function page(caller: Visitor, url: string, tab: string) {
  let view: CallerView | null = null;
  const listen = (socket: Socket) => void socket.on('caller.view', (v: CallerView) => (view = v));
  const connected = await connect(caller, 'caller', { url, tab, listen });
  if (!connected) throw new Error('the handshake was refused');
  const { socket } = connected;
  return {
    socket,
    shows: (stage: CallerView['stage']) => expect.poll(() => view?.stage, { timeout: 5000 }).toBe(stage),
  };
}

test('[F27] one live tab a caller, on whatever node: the second says so, may take over, and a reload keeps it', async () => {
  const [here = '', there = ''] = stack.urls;
  const caller = visitor(stack);
  await caller.consent();
  const first = await page(caller, here, 'tab-one');
  await first.shows('ready');
  const second = await page(caller, there, 'tab-two');
  await second.shows('elsewhere');
  await first.shows('ready');
  await second.socket.emitWithAck('caller.takeOver', {});
  await second.shows('ready');
  await first.shows('elsewhere');
  second.socket.disconnect();
  const again = await page(caller, here, 'tab-two');
  await again.shows('ready');
  const door = await visitorDoor(caller, 'tab-one');
  expect(door.stage).toBe('elsewhere');
  for (const p of [first, again]) p.socket.disconnect();
});

async function visitorDoor(caller: Visitor, tab: string): Promise<CallerView> {
  const { body } = await caller.door('caller.view', {}, { 'x-tab': tab });
  return (body as { value: CallerView }).value;
}
