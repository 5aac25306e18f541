import type { Message, MessageSent, SendMessage } from '@hearthline/shared/contracts/message';
import { ok, refuse, type Result } from '@hearthline/shared/contracts/refusals';
import type pg from 'pg';
import { sqlFile } from '../storage/postgres/pool.ts';

const batchStatement = sqlFile(import.meta.url, './sendBatch.sql');
const oneStatement = sqlFile(import.meta.url, './sendOne.sql');
const mostInBatch = 256;
export const laneCount = 4;

type Waiting = {
  input: SendMessage;
  senderId: string;
  answer: (r: Result<MessageSent>) => void;
  fail: (e: unknown) => void;
};
type Row = { ord: number; seq: number; sent_at: Date; same: boolean; fresh: boolean };

type LaneDeps = {
  pool: pg.Pool;
  clock: { now(): Date };
  /** Called after the commit with what is new, in order; known repeats are not told again. */
  deliver(messages: Message[]): void;
};

/**
 * The hot path (architecture.md, "Delivery"): lanes by conversation keep the order, one statement in flight a lane,
 * flushed at once when idle, collected while busy. No timer: it would only add latency. The answer leaves after the
 * commit, so "sent" means durable (I11).
 */
export function createLanes({ pool, clock, deliver }: LaneDeps) {
  const lanes = Array.from({ length: laneCount }, () => ({ waiting: [] as Waiting[], busy: false }));

  function send(senderId: string, input: SendMessage): Promise<Result<MessageSent>> {
    return new Promise((answer, fail) => {
      const lane = lanes[parseInt(input.conversationId.slice(0, 8), 16) % laneCount];
      if (!lane) return fail(new Error('no lane'));
      lane.waiting.push({ input, senderId, answer, fail });
      if (!lane.busy) void drain(lane);
    });
  }

  async function drain(lane: (typeof lanes)[number]): Promise<void> {
    lane.busy = true;
    while (lane.waiting.length > 0) await flush(lane.waiting.splice(0, mostInBatch));
    lane.busy = false;
  }

  async function flush(batch: Waiting[]): Promise<void> {
    const { first, repeats } = withoutRepeats(batch);
    try {
      await store(first);
    } catch (error) {
      if (first.length === 1) return first.forEach((w) => w.fail(error));
      for (const w of first) await store([w]).catch(w.fail); // a row that cannot be stored takes no other down
    }
    for (const w of repeats) await store([w]).catch(w.fail);
  }

  async function store(batch: Waiting[], attempt = 1): Promise<void> {
    const now = clock.now();
    let rows: Row[];
    try {
      rows = await insert(batch, now);
    } catch (error) {
      const code = (error as pg.DatabaseError).code;
      // 40P01: two nodes met; 23505: the same client id through another node, its number is there to be read now
      if (attempt < 4 && (code === '40P01' || code === '40001' || (code === '23505' && batch.length === 1)))
        return store(batch, attempt + 1);
      throw error;
    }
    const byOrd = new Map(rows.map((r) => [r.ord, r]));
    const news: Message[] = [];
    const unanswered: Waiting[] = [];
    batch.forEach((w, ord) => {
      const row = byOrd.get(ord);
      if (!row) return void unanswered.push(w);
      if (!row.same) return w.answer(refuse('message.conflict'));
      if (row.fresh) news.push({ ...w.input, senderId: w.senderId, seq: row.seq, sentAt: row.sent_at.toISOString() });
    });
    news.sort((a, b) => (a.conversationId === b.conversationId ? a.seq - b.seq : 0));
    batch.forEach((w, ord) => {
      const row = byOrd.get(ord);
      if (row?.same) w.answer(ok({ seq: row.seq, sentAt: row.sent_at.toISOString() }));
    });
    // after the answers: a sender who hears the other's next number first would fetch for nothing
    if (news.length > 0) setImmediate(() => deliver(news));
    for (const w of unanswered) w.answer(refuse(await whyRefused(w)));
  }

  async function insert(batch: Waiting[], now: Date): Promise<Row[]> {
    const [only] = batch;
    if (batch.length === 1 && only) {
      const { input: m, senderId } = only;
      const one = await pool.query<Row>({
        name: 'send-one',
        text: oneStatement,
        values: [
          m.conversationId,
          senderId,
          m.clientId,
          m.epoch,
          Buffer.from(m.iv, 'base64'),
          Buffer.from(m.ciphertext, 'base64'),
          now,
        ],
      });
      return one.rows;
    }
    const many = await pool.query<Row>({
      name: 'send-batch',
      text: batchStatement,
      values: [
        batch.map((_, i) => i),
        batch.map((w) => w.input.conversationId),
        batch.map((w) => w.senderId),
        batch.map((w) => w.input.clientId),
        batch.map((w) => w.input.epoch),
        batch.map((w) => Buffer.from(w.input.iv, 'base64')),
        batch.map((w) => Buffer.from(w.input.ciphertext, 'base64')),
        now,
      ],
    });
    return many.rows;
  }

  /** Only for the wording of the refusal: nothing was stored. */
  async function whyRefused(
    w: Waiting,
  ): Promise<'conversation.gone' | 'conversation.ended' | 'message.staleEpoch' | 'server.busy'> {
    const { rows } = await pool.query<{ state: string; epoch: number; member: boolean }>(
      `select c.state, c.epoch, exists (select 1 from participant p where p.conversation_id = c.id and p.party_id = $2) as member from conversation c where c.id = $1`,
      [w.input.conversationId, w.senderId],
    );
    const row = rows[0];
    if (!row?.member) return 'conversation.gone';
    if (row.state !== 'live') return 'conversation.ended';
    return row.epoch !== w.input.epoch ? 'message.staleEpoch' : 'server.busy';
  }

  return { send };
}

/** The same client id twice in one batch: the second waits its turn and is answered like any repeat. */
function withoutRepeats(batch: Waiting[]): { first: Waiting[]; repeats: Waiting[] } {
  const seen = new Set<string>();
  const first: Waiting[] = [];
  const repeats: Waiting[] = [];
  for (const w of batch) {
    const key = `${w.input.conversationId}/${w.senderId}/${w.input.clientId}`;
    (seen.has(key) ? repeats : first).push(w);
    seen.add(key);
  }
  return { first, repeats };
}
