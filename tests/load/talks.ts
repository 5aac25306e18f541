import { fork } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { TalkChannel } from '@hearthline/shared/contracts/ids';
import type { Message } from '@hearthline/shared/contracts/message';
import type { CallerView, DeskView } from '@hearthline/shared/contracts/views';
import { inLanes, within, type Ending } from './ending.ts';
import { leanSocket, type LeanSocket } from './leanSocket.ts';
import type { Crowd, Person } from './people.ts';

/** One of two in a conversation. `onMessage` hears every message that reaches this socket, one's own as well. */
export type Side = {
  send(clientId: string, acked: (ok: boolean) => void): void;
  onMessage: (clientId: string) => void;
};
export type Talk = readonly [Side, Side];

/** A text as our pages send it: with its length (4 bytes), padded to a multiple of 256, sealed with a tag (16). */
const sealed = (bytes: number) => ({
  iv: randomBytes(12).toString('base64'),
  ciphertext: randomBytes(Math.ceil((bytes + 4) / 256) * 256 + 16).toString('base64'),
});
let words = sealed(200);
/** From here on every side sends texts of so many bytes. */
export const writeLong = (bytes: number): void => void (words = sealed(bytes));

export function sideOf(socket: LeanSocket, base: object): Side {
  const one: Side = {
    send: (clientId, acked) =>
      socket.emit('message.send', { ...base, clientId, ...words }, (answer) => acked(answer.ok)),
    onMessage: () => {},
  };
  socket.on((name, payload) => {
    if (name === 'message') one.onMessage((payload as Message).clientId);
  });
  return one;
}

export type RelayKind = ['bare'] | ['naive', string];
/** Starts a relay of Socket.IO, see relay.ts. */
export async function openRelay(args: RelayKind, ending: Ending): Promise<{ port: number; pid: number }> {
  const relay = fork(join(import.meta.dirname, 'relay.ts'), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const gone = new Promise<void>((done) => relay.once('exit', () => done()));
  ending.add(() => {
    if (relay.connected) relay.disconnect();
    return gone;
  });
  const told = new Promise<{ port: number }>((done) => relay.once('message', (m) => done(m as { port: number })));
  return { ...(await within(10_000, `the start of the ${args[0]} relay`, told)), pid: relay.pid ?? 0 };
}

export type Relay = { talks: Talk[]; pid: number };
/** Rooms of two on a relay. */
export async function relayTalks(args: RelayKind, count: number, ending: Ending): Promise<Relay> {
  const { port, pid } = await openRelay(args, ending);
  const talks = await inLanes(Array.from({ length: count }), 16, async (_, i): Promise<Talk> => {
    const room = `r${i}`;
    const join = async () => {
      const socket = await leanSocket({ port, path: '/socket.io', query: `&room=${room}`, headers: {} });
      ending.add(socket.close);
      return sideOf(socket, { room });
    };
    return [await join(), await join()];
  });
  return { talks, pid };
}

export type Meeting = { id: string; caller: LeanSocket; peer: LeanSocket };
/** Live conversations of the product: asked for, offered and accepted through its doors, one a peer. */
export async function meetings(people: Crowd, count: number, channel: TalkChannel): Promise<Meeting[]> {
  const [peers, callers] = [await people.peers(count), await people.callers(count)];
  const desks = peers.map(acceptsOne);
  const waits = callers.map(talksOnce);
  await inLanes(callers, 8, ({ socket }) => socket.call('request.open', { commandId: randomUUID(), channel }));
  const made = await within(60_000, 'the start of all conversations', Promise.all([...desks, ...waits]));
  const peerOf = new Map(made.slice(0, count).map((id, i) => [id, peers[i]?.socket]));
  return made.slice(count).map((id, i): Meeting => {
    const [caller, peer] = [callers[i]?.socket, peerOf.get(id)];
    if (!caller || !peer) throw new Error('a conversation without a peer');
    return { id, caller, peer };
  });
}

export const ourTalks = async (people: Crowd, count: number): Promise<Talk[]> =>
  (await meetings(people, count, 'chat')).map(({ id, caller, peer }): Talk => {
    const base = { conversationId: id, epoch: 1 };
    return [sideOf(caller, base), sideOf(peer, base)];
  });

/** @returns the id of the conversation that this peer's first offer became. */
export function acceptsOne({ socket }: Person): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let accepting = false;
  const off = socket.on((name, payload) => {
    if (name !== 'desk.view' || accepting) return;
    const [offer] = (payload as DeskView).offers;
    if (!offer) return;
    accepting = true;
    off();
    socket
      .call('offer.accept', { commandId: randomUUID(), offerId: offer.id })
      .then((desk) => resolve(desk.conversations[0]?.id ?? ''), reject);
  });
  return promise;
}

/** @returns the id of the conversation in which this caller talks next. */
export function talksOnce({ socket }: Person): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const off = socket.on((name, payload) => {
    const view = payload as CallerView;
    if (name !== 'caller.view' || view.stage !== 'talking') return;
    off();
    resolve(view.conversation.id);
  });
  return promise;
}
