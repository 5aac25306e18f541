import { randomBytes, randomUUID } from 'node:crypto';
import { setPriority } from 'node:os';
import { openWire, liveQuery, type Wire } from './wire.ts';

/**
 * A program of its own, so that what a flood costs its sender is not taken from whoever measures. Takes its orders as one
 * argument and floods until it is asked what it has sent.
 *
 * Whose session each kind of flood uses; what is left out is not flooded. */
export type Orders = { url: string; messages?: string; sockets?: string; joins?: string };

const { url, ...sessions } = JSON.parse(process.argv[2] ?? '{}') as Orders;
/** What was sent by now, told to the parent at the end. */
const sent = { messages: 0, sockets: 0, joins: 0 };
export type Sent = typeof sent;
let over = false;
setPriority(10); // an attacker's computer is another one: it takes nothing from the server and from whoever measures
process.once('message', () => {
  over = true;
  process.send?.(sent, () => process.disconnect?.());
});
process.once('disconnect', () => {
  over = true;
  process.exit(0);
});
const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

async function open(cookie: string): Promise<Wire | null> {
  const wire = await openWire({ url, cookie, query: liveQuery('caller') });
  if (wire.status !== 101) {
    wire.tcp.destroy();
    return null;
  }
  wire.text('40');
  return wire;
}

/** A thousand messages a second and a hundred "is writing", on one connection, which is opened again when it is cut. */
async function floodMessages(cookie: string): Promise<void> {
  const base = { conversationId: randomUUID(), epoch: 1, iv: randomBytes(12).toString('base64') };
  const ciphertext = randomBytes(272).toString('base64');
  while (!over) {
    const wire = await open(cookie);
    for (let n = 0; wire && !wire.isClosed() && !over; n += 10) {
      for (let i = 0; i < 10; i++)
        wire.text(`42${n + i}["message.send",${JSON.stringify({ ...base, clientId: randomUUID(), ciphertext })}]`);
      wire.text(`42["message.typing",{"conversationId":"${base.conversationId}"}]`);
      sent.messages += 10;
      wire.heard.length = 0;
      await pause(10);
    }
    wire?.tcp.destroy();
    await pause(20); // 50 times a second
  }
}

/** 500 connections of one session in a second, again and again. */
async function floodSockets(cookie: string): Promise<void> {
  while (!over) {
    const opening: Promise<Wire | null>[] = [];
    for (let n = 0; n < 100 && !over; n++) {
      for (let i = 0; i < 5; i++) opening.push(open(cookie));
      sent.sockets += 5;
      await pause(10);
    }
    for (const wire of await Promise.all(opening)) wire?.tcp.destroy();
  }
}

/** Into the line and out of it, as fast as it is answered. */
async function floodJoins(cookie: string): Promise<void> {
  while (!over) {
    const wire = await open(cookie);
    for (let n = 0; wire && !wire.isClosed() && !over; n += 2) {
      wire.text(`42${n}["request.open",{"commandId":"${randomUUID()}"}]`);
      wire.text(`42${n + 1}["request.leave",{"commandId":"${randomUUID()}"}]`);
      sent.joins += 2;
      wire.heard.length = 0;
      await pause(5);
    }
    wire?.tcp.destroy();
    await pause(20);
  }
}

const floods = { messages: floodMessages, sockets: floodSockets, joins: floodJoins };
for (const kind of ['messages', 'sockets', 'joins'] as const) {
  const cookie = sessions[kind];
  if (cookie) void floods[kind](cookie);
}
