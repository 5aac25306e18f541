import { randomUUID } from 'node:crypto';
import type { CallerView, DeskView } from '@hearthline/shared/contracts/views';
import { until } from '../support/line.ts';
import { raisedLimits, startStack, type Stack, type StackOptions } from '../support/services.ts';
import { visitor, type Visitor } from '../support/visitor.ts';

export type Answer = { ok: boolean; value?: unknown; refusal?: { code: string; ref?: string } };
export const codeOf = (answer: Answer): string => (answer.ok ? 'ok' : (answer.refusal?.code ?? 'nothing'));

/** Who knocks: a browser with its cookies, and which of them counts. */
export type Knocker = { visitor: Visitor; as: 'caller' | 'staff' };

/** Knocks over HTTP with JSON that may be none. */
export async function post(
  by: Knocker,
  path: string,
  json: string,
  url = by.visitor.url,
): Promise<{ status: number; text: string; answer: Answer }> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { origin: url, cookie: by.visitor.cookie(), 'x-as': by.as, 'content-type': 'application/json' },
    body: json,
  });
  const text = await response.text();
  return { status: response.status, text, answer: JSON.parse(text) as Answer };
}
export const knock = async <T>(by: Knocker, door: string, input: object = {}, url?: string): Promise<T> => {
  const { answer } = await post(by, `/api/doors/${door}`, JSON.stringify(input), url);
  if (!answer.ok) throw new Error(`${door}: ${codeOf(answer)}`);
  return answer.value as T;
};
export const command = () => ({ commandId: randomUUID() });

/** The product as it runs, with its line; limits are raised unless others are given. */
export const openStack = (options: StackOptions = {}): Promise<Stack> =>
  startStack({ seed: true, ...options, env: { ...raisedLimits, ...options.env } });

export async function caller(stack: Stack): Promise<Knocker> {
  const browser = visitor(stack);
  await browser.consent();
  return { visitor: browser, as: 'caller' };
}
export async function staff(stack: Stack, name: string): Promise<Knocker> {
  const browser = visitor(stack);
  await browser.signInAs(name);
  return { visitor: browser, as: 'staff' };
}
export async function peerAtWork(stack: Stack, name: string): Promise<Knocker> {
  const peer = await staff(stack, name);
  await knock(peer, 'shift.start', command());
  await knock(peer, 'peer.setState', { ...command(), state: 'available' });
  return peer;
}

export type Talk = { caller: Knocker; peer: Knocker; conversationId: string };

/** Asks, offers and accepts through the doors. The peer has nobody else waiting for an answer. */
export async function talkWith(stack: Stack, peer: Knocker): Promise<Talk> {
  const guest = await caller(stack);
  await knock<CallerView>(guest, 'request.open', command());
  const offerId = await offerTo(peer);
  await knock(peer, 'offer.accept', { ...command(), offerId });
  const view = await knock<CallerView>(guest, 'caller.view');
  if (view.stage !== 'talking') throw new Error(`the caller is ${view.stage}`);
  return { caller: guest, peer, conversationId: view.conversation.id };
}

export async function offerTo(peer: Knocker): Promise<string> {
  let offerId = '';
  await until('an offer comes', async () => {
    offerId = (await knock<DeskView>(peer, 'desk.view')).offers[0]?.id ?? '';
    return offerId !== '';
  });
  return offerId;
}
