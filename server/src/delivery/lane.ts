import { setImmediate as turn } from 'node:timers/promises';
import type { Message, MessageSent, SendMessage } from '@hearthline/shared/contracts/message';
import { ok, refuse, type Result } from '@hearthline/shared/contracts/refusals';
import type pg from 'pg';
import { crashPoint } from '../crashPoints.ts';
import { openHotPool, sqlFile } from '../storage/postgres/pool.ts';

const statement = sqlFile(import.meta.url, './storeMessages.sql');
const mostInBatch = 256;
/** Somebody stands still while they hold the row of a conversation: its messages fail for now, and hold up no others for longer. */
const lockMs = 200;

export const openDeliveryPool = (databaseUrl: string): pg.Pool => openHotPool(databaseUrl, 1, { lockMs });

type Waiting = {
  input: SendMessage;
  senderId: string;
  answer: (r: Result<MessageSent>) => void;
  fail: (e: unknown) => void;
};

type LaneDeps = {
  pool: pg.Pool;
  clock: { now(): Date };
  /** Called after the commit with what is new, in order; known repeats are not told again. */
  deliver(messages: Message[]): void;
};

/**
 * The hot path: one lane keeps the order, with one statement in flight. What comes in one turn of the event loop goes
 * together, and what comes while a statement is under way goes with the next. No timer: it would only add latency. The
 * answer leaves after the commit, so "sent" means durable (I11).
 */
export function createLane({ pool, clock, deliver }: LaneDeps) {
  const waiting: Waiting[] = [];
  let busy = false;

  function send(senderId: string, input: SendMessage): Promise<Result<MessageSent>> {
    return new Promise((answer, fail) => {
      waiting.push({ input, senderId, answer, fail });
      if (!busy) void drain();
    });
  }

  async function drain(): Promise<void> {
    busy = true;
    await turn(); // what other sockets sent meanwhile is read first
    while (waiting.length > 0) await flush(waiting.splice(0, mostInBatch));
    busy = false;
  }

  /** New messages in one statement; what it leaves out, and all of it when it breaks, one by one. */
  async function flush(batch: Waiting[]): Promise<void> {
    const [only] = batch;
    if (only && batch.length === 1) return void (await one(only));
    const left = new Set(batch);
    for (const w of await store(byConversation(batch).filter(isPlain)).catch(() => [])) left.delete(w);
    const held = new Set<string>();
    for (const w of left) {
      const { conversationId } = w.input;
      if (held.has(conversationId)) w.answer(refuse('server.busy'));
      else if (!(await one(w))) held.add(conversationId);
    }
  }

  /** @returns those that were stored; they are answered. */
  async function store(talks: Waiting[][]): Promise<Waiting[]> {
    const now = clock.now();
    const all = talks.flat();
    const texts = all.map((w) => Buffer.from(w.input.ciphertext, 'base64'));
    let [end, byte] = [0, 1];
    const ends = talks.map((talk) => (end += talk.length));
    crashPoint('messages.store.beforeCommit');
    const { rows } = await pool.query<{ ord: number; seq: number }>({
      name: 'store-messages',
      text: statement,
      values: [
        arrayOf(talks.map(([w]) => w?.input.conversationId)),
        arrayOf(talks.map(([w]) => w?.input.epoch)),
        arrayOf(talks.map((talk, i) => (ends[i] ?? 0) - talk.length + 1)),
        arrayOf(ends),
        arrayOf(all.map((w) => w.senderId)),
        arrayOf(all.map((w) => w.input.clientId)),
        Buffer.concat(all.map((w) => Buffer.from(w.input.iv, 'base64'))),
        Buffer.concat(texts),
        arrayOf(texts.map((text) => (byte += text.length) - text.length)),
        arrayOf(texts.map((text) => text.length)),
        now,
      ],
    });
    crashPoint('messages.store.afterCommit');
    const sentAt = now.toISOString();
    const stored = rows.flatMap(({ ord, seq }) => (talks[ord] ?? []).map((w, n) => ({ w, seq: seq + n })));
    const news = stored.map(({ w, seq }): Message => ({ ...w.input, senderId: w.senderId, seq, sentAt }));
    // the next statement leaves first: PostgreSQL works while these are told
    if (news.length > 0)
      setImmediate(() => {
        for (const { w, seq } of stored) w.answer(ok({ seq, sentAt }));
        // after the answers: a sender who hears the other's next number first would fetch for nothing
        setImmediate(() => deliver(news));
      });
    return stored.map(({ w }) => w);
  }

  /** @returns false when somebody else holds on to the conversation. */
  async function one(w: Waiting, attempt = 1): Promise<boolean> {
    try {
      if ((await store([[w]])).length === 0) w.answer((await known(w)) ?? refuse(await whyRefused(w)));
    } catch (error) {
      const code = (error as pg.DatabaseError).code ?? '';
      if (attempt < 4 && (code === '40P01' || code === '40001')) return one(w, attempt + 1); // two nodes met
      if (code === '55P03') {
        w.answer(refuse('server.busy'));
        return false;
      }
      const before = code === '23505' ? await known(w).catch(() => null) : null;
      if (before) w.answer(before);
      else w.fail(error);
    }
    return true;
  }

  /** The answer to a repeat is the first one's, whatever has happened to the conversation since. */
  async function known({ input: m, senderId }: Waiting): Promise<Result<MessageSent> | null> {
    const { rows } = await pool.query<{ seq: number; sent_at: Date; same: boolean }>(
      `select seq, sent_at, ciphertext = $5::bytea and iv = $4::bytea as same from message
       where conversation_id = $1 and sender_id = $2 and client_id = $3`,
      [m.conversationId, senderId, m.clientId, Buffer.from(m.iv, 'base64'), Buffer.from(m.ciphertext, 'base64')],
    );
    const row = rows[0];
    if (!row) return null;
    return row.same ? ok({ seq: row.seq, sentAt: row.sent_at.toISOString() }) : refuse('message.conflict');
  }

  /** Only for the wording of the refusal: nothing was stored. */
  async function whyRefused(
    w: Waiting,
  ): Promise<'conversation.gone' | 'conversation.ended' | 'message.staleEpoch' | 'server.busy'> {
    const { rows } = await pool.query<{ state: string; epoch: number; member: boolean }>(
      `select c.state, c.epoch, exists (select 1 from participant p where p.conversation_id = c.id and p.party_id = $2
         and p.left_at is not distinct from c.ended_at) as member from conversation c where c.id = $1`,
      [w.input.conversationId, w.senderId],
    );
    const row = rows[0];
    if (!row?.member) return 'conversation.gone';
    if (row.state !== 'live') return 'conversation.ended';
    return row.epoch !== w.input.epoch ? 'message.staleEpoch' : 'server.busy';
  }

  return { send };
}

/** Array literals of ids and numbers, in which nothing needs a quote: those of the driver look at each character. */
const arrayOf = (values: readonly (string | number | undefined)[]): string => `{${values.join()}}`;

/** In the order they came; conversations by id, so that two nodes lock their rows in one order. */
function byConversation(batch: Waiting[]): Waiting[][] {
  const talks = new Map<string, Waiting[]>();
  for (const w of batch) {
    const talk = talks.get(w.input.conversationId);
    if (talk) talk.push(w);
    else talks.set(w.input.conversationId, [w]);
  }
  return [...talks.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, talk]) => talk);
}

/** One epoch, and no client id twice: what differs is answered one by one. */
const isPlain = (talk: Waiting[]): boolean =>
  talk.length === 1 ||
  (talk.every((w) => w.input.epoch === talk[0]?.input.epoch) &&
    new Set(talk.map((w) => `${w.senderId}/${w.input.clientId}`)).size === talk.length);
