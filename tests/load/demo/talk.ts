import { randomUUID } from 'node:crypto';
import type { Message } from '@hearthline/shared/contracts/message';
import { importEpochKey, openText, sealText } from '@hearthline/web/lib/crypto/messageCrypto';
import { Refusal, type Link } from './link.ts';
import type { Town } from './town.ts';

/** One side of a conversation: seals and opens what is said, as the pages do. */
export type Talk = {
  /** Writes for a while, then says it. Nothing when the conversation is over. */
  say(text: string): Promise<void>;
  /** The newest unheard text of the other one; null after so many seconds of silence, or when it is over. */
  next(seconds: number): Promise<string | null>;
  readonly over: boolean;
  end(): void;
};

const tries = 6;

export function openTalk(town: Town, link: Link, facts: { id: string; me: string; epoch: number }): Talk {
  const { id: conversationId, me, epoch } = facts;
  const heard: string[] = [];
  let known = 0;
  let over = false;
  let wake = () => {};
  let keys: Promise<Map<number, CryptoKey>> | undefined;

  const key = async (of: number) => {
    keys ??= link
      .call('key.get', { conversationId })
      .then(
        async (given) =>
          new Map(await Promise.all(given.keys.map(async (k) => [k.epoch, await importEpochKey(k.key)] as const))),
      );
    const found = await keys.catch(() => (keys = undefined));
    const one = found?.get(of);
    if (!one) throw new Refusal('key.get', 'no key yet', true);
    return one;
  };
  /** One at a time, in the order of their numbers. */
  let work = Promise.resolve();
  const catchUp = () => {
    work = work.then(fetch).catch((e: unknown) => {
      if (!(e instanceof Refusal)) throw e; // refused: the next heartbeat or connect asks again
    });
  };
  async function fetch(): Promise<void> {
    const page = await link.call('message.fetch', { conversationId, after: known });
    for (const message of page.messages) await take(message);
    if (page.messages.length === 0) return;
    await link.call('message.mark', { conversationId, delivered: known, read: known });
  }
  async function take(message: Message): Promise<void> {
    if (message.seq !== known + 1) return;
    const text = await openText(await key(message.epoch), message, message);
    known = message.seq;
    if (message.senderId === me) return;
    if (text === null) throw new Error('a message could not be opened');
    heard.push(text);
    wake();
  }
  const offs = [
    link.on('message', (m) => {
      if (m.conversationId === conversationId) catchUp();
    }),
    link.on('heartbeat', ({ lastSeq }) => {
      if ((lastSeq[conversationId] ?? 0) > known) catchUp();
    }),
  ];
  link.onConnect(() => {
    if (!over) catchUp();
  });
  catchUp();

  async function send(text: string): Promise<void> {
    const clientId = randomUUID(); // the same for each try, so that nothing is said twice
    for (let n = 1; !over; n++)
      try {
        const sealed = await sealText(await key(epoch), { conversationId, epoch, senderId: me, clientId }, text);
        return void (await link.call('message.send', { conversationId, clientId, epoch, ...sealed }));
      } catch (e) {
        if (!(e instanceof Refusal) || !e.retryable || n === tries) throw e;
        await town.pause(1, 2);
      }
  }

  return {
    async say(text) {
      if (over) return;
      void link.call('message.typing', { conversationId }).catch(() => {});
      await town.pause(1 + text.length / 40, 2 + text.length / 25);
      await send(text);
    },
    async next(seconds) {
      if (heard.length === 0 && !over) {
        const something = new Promise<void>((done) => (wake = done));
        await Promise.race([something, town.pause(seconds, seconds)]);
      }
      return over ? null : (heard.splice(0).at(-1) ?? null);
    },
    get over() {
      return over;
    },
    end() {
      over = true;
      for (const off of offs) off();
      wake();
    },
  };
}
