import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { queueKey } from '@hearthline/server/storage/redis/keys';
import { Redis } from 'ioredis';
import type { Event, History } from './history.ts';
import { callersAddress, type FaultLine } from './line.ts';
import { pause } from './person.ts';

/** A change of state, with the database's time. Times are milliseconds since the epoch. */
export type Transition = {
  n: number;
  at: number;
  kind: string;
  id: string;
  was: string | null;
  became: string;
  row: Record<string, unknown>;
};
export type Talk = {
  id: string;
  request: string;
  caller: string;
  peer: string;
  state: string;
  cost: number;
  from: number;
  to: number | null;
  wrappedUp: number | null;
};
export type Offer = {
  id: string;
  request: string;
  caller: string;
  peer: string;
  state: string;
  cost: number;
  from: number;
  to: number | null;
  expires: number;
};
export type Request = {
  id: string;
  caller: string;
  state: string;
  class: number;
  joined: number;
  absent: number | null;
};
export type Stored = { talk: string; seq: number; sender: string; client: string; at: number };
export type Part = { talk: string; party: string; left: number | null };

/** All that a run left behind: the history of everybody, and the rows. */
export type Record_ = {
  now: number;
  events: readonly Event[];
  people: readonly { id: string; name: string; kind: 'caller' | 'peer' }[];
  requests: readonly Request[];
  offers: readonly Offer[];
  talks: readonly Talk[];
  messages: readonly Stored[];
  parts: readonly Part[];
  loads: readonly { peer: string; load: number }[];
  transitions: readonly Transition[];
  exclusions: readonly { request: string; peer: string }[];
  audits: readonly { id: number; action: string; record: string | null; sealed: boolean; at: number }[];
  /** Requests in the order that Redis tells. */
  queue: readonly string[];
  /** Where the address or the browser of a caller was found. */
  leaks: readonly string[];
};

const restMs = 25_000;
const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;

/** Waits until nothing changes any more that should (bounded), and reads everything. */
export async function collect(run: {
  line: FaultLine;
  lineId: string;
  history: History;
  people: readonly { id: string; name: string }[];
}): Promise<Record_> {
  const { redisUrl } = run.line;
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1 });
  redis.on('error', () => {});
  try {
    const end = Date.now() + restMs;
    let record = await read(run, redis);
    while (!isAtRest(record) && Date.now() < end) {
      await pause(500);
      record = await read(run, redis);
    }
    return { ...record, leaks: await leaksOf(run.line, redis) };
  } finally {
    redis.disconnect();
  }
}

/** What is only a matter of a moment: audit rows to be sealed, the queue to be compared, pages to show the last message. */
function isAtRest(r: Record_): boolean {
  const waiting = r.requests.filter((q) => q.state === 'waiting').length;
  const shown = new Map<string, number>();
  for (const e of r.events)
    if (e.op === 'shown') shown.set(`${e.actor}/${String(e.args['conversationId'])}`, Number(e.args['seq']));
  const nameOf = new Map(r.people.map((p) => [p.id, p.name]));
  const complete = r.talks
    .filter((t) => t.state === 'live')
    .every((t) => {
      const last = r.messages.filter((m) => m.talk === t.id).length;
      return [t.caller, t.peer].every((id) => (shown.get(`${nameOf.get(id)}/${t.id}`) ?? 0) >= last);
    });
  return complete && r.queue.length === waiting && r.audits.every((a) => a.sealed);
}

async function read(run: Parameters<typeof collect>[0], redis: Redis): Promise<Record_> {
  const all = async <T>(sql: string) => (await run.line.pool.query(sql)).rows as T[];
  const now = Date.now();
  return {
    now,
    events: run.history.events,
    people: run.people.map(({ id, name }) => ({ id, name, kind: name.startsWith('caller') ? 'caller' : 'peer' })),
    requests: await all(
      `select id, caller_id as caller, state, class, ${ms('first_joined_at')} as joined, ${ms('absent_since')} as absent from request`,
    ),
    offers: await all(
      `select o.id, request_id as request, r.caller_id as caller, peer_id as peer, o.state, cost, ${ms('made_at')} as from,
         ${ms('resolved_at')} as to, ${ms('expires_at')} as expires from offer o join request r on r.id = o.request_id`,
    ),
    talks: await all(
      `select c.id, request_id as request, caller_id as caller, c.peer_id as peer, c.state, cost, ${ms('started_at')} as from,
         ${ms('ended_at')} as to, ${ms('w.submitted_at')} as "wrappedUp"
       from conversation c left join wrap_up w on w.conversation_id = c.id`,
    ),
    messages: await all(
      `select conversation_id as talk, seq, sender_id as sender, client_id as client, ${ms('sent_at')} as at from message order by 1, 2`,
    ),
    parts: await all(`select conversation_id as talk, party_id as party, ${ms('left_at')} as left from participant`),
    loads: await all('select staff_id as peer, load from peer_state'),
    transitions: await all(
      `select n::int, ${ms('at')} as at, kind, id, was, became, row from fault_transition order by n`,
    ),
    exclusions: await all('select request_id as request, peer_id as peer from request_exclusion'),
    audits: await all(
      `select id, action, record_id as record, ${ms('at')} as at,
         exists (select 1 from audit_seal s where audit.id = any(s.audit_ids)) as sealed from audit`,
    ),
    queue: await redis.zrange(queueKey(run.lineId), '0', '-1').catch(() => []),
    leaks: [],
  };
}

/** Looks for the callers' address and browser in every table, log and Redis file of the run (the abuse window is memory). */
async function leaksOf({ pool, stack, redisFolder }: FaultLine, redis: Redis): Promise<string[]> {
  const canaries = [callersAddress, 'RigPage'];
  const found: string[] = [];
  const look = (where: string, text: string) =>
    canaries.forEach((c) => text.includes(c) && found.push(`${c} in ${where}`));
  look('the logs of the programs', stack.output());
  const { rows } = await pool.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`,
  );
  for (const { name } of rows) {
    const hits = await pool.query(
      `select 1 from ${name} t where strpos(t::text, $1) > 0 or strpos(t::text, $2) > 0 limit 1`,
      canaries,
    );
    if (hits.rows.length > 0) found.push(`a canary in table ${name}`);
  }
  await redis.bgrewriteaof().catch(() => {}); // its own files, whatever came before
  for (const entry of readdirSync(redisFolder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) look(`Redis file ${entry.name}`, readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  return found;
}
