import { createEnding, inLanes, type Ending } from '../ending.ts';
import { closedLoop, openLoop } from '../loops.ts';
import { cpuSeconds } from '../machine.ts';
import { quantile } from '../paired.ts';
import { benchStack, crowd } from '../people.ts';
import { ourTalks, relayTalks, writeLong, type Talk } from '../talks.ts';
import type { Curve, Point } from './point.ts';

const usual = 250;
/** Files this process has open besides the sockets of two systems. */
const spare = 500;
const seconds = 3;
const median = (values: number[]) => quantile(values, 0.5);

/** Three looks at each system in turns; medians. Without a bare one where there are not descriptors enough for both. */
async function compare(ours: Talk[], bare: Talk[] | null, pid: number): Promise<Point['values']> {
  const [we, they]: Awaited<ReturnType<typeof closedLoop>>[][] = [[], []];
  for (let i = 0; i < 3; i++) {
    we?.push(await closedLoop(ours, seconds, () => cpuSeconds(pid)));
    if (bare) they?.push(await closedLoop(bare, seconds));
  }
  const [rate, plain] = [median((we ?? []).map((v) => v.perSecond)), median((they ?? []).map((v) => v.perSecond))];
  const cpu = median((we ?? []).map((v) => (v.spent / v.perSecond / seconds) * 1e6));
  return { 'messages/s': rate, 'bare/s': plain, ratio: rate / plain, 'server CPU µs': cpu };
}

/** How many files and sockets one process may have open here. */
function mostFiles(): number {
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft: number | string } } };
  return Number(report.userLimits?.open_files?.soft) || Infinity;
}

export async function overConversations(sizes: number[], ending: Ending): Promise<Curve> {
  const stack = await benchStack(ending);
  const ours: Talk[] = [];
  const points: Point[] = [];
  for (const at of sizes) {
    const people = await crowd(stack, ending);
    ours.push(...(await ourTalks(people, at - ours.length)));
    await people.close();
    const own = createEnding();
    const end = ending.add(() => own.all());
    const talks = 4 * at + spare < mostFiles() ? (await relayTalks(['bare'], at, own)).talks : null;
    const values = await compare(ours, talks, stack.pid('server1'));
    const { receiver } = await openLoop(ours, 500, seconds);
    points.push({
      at,
      values: { ...values, 'p50 ms at 500/s': quantile(receiver, 0.5), 'p99 ms at 500/s': quantile(receiver, 0.99) },
    });
    await end();
    console.log(at, points.at(-1)?.values);
  }
  return { name: 'Conversations', of: 'conversations', points };
}

export async function overBytes(sizes: number[], ending: Ending): Promise<Curve> {
  const stack = await benchStack(ending);
  const people = await crowd(stack, ending);
  const ours = await ourTalks(people, usual);
  await people.close();
  const { talks } = await relayTalks(['bare'], usual, ending);
  const points: Point[] = [];
  for (const at of sizes) {
    writeLong(at);
    points.push({ at, values: await compare(ours, talks, stack.pid('server1')) });
    console.log(at, points.at(-1)?.values);
  }
  writeLong(200);
  return { name: 'Size of a message', of: 'bytes', points };
}

/** Stored messages of conversations that have ended, put there by SQL. */
export async function overHistory(sizes: number[], ending: Ending): Promise<Curve> {
  const stack = await benchStack(ending);
  const people = await crowd(stack, ending);
  const ours = await ourTalks(people, usual);
  const { talks } = await relayTalks(['bare'], usual, ending);
  const { deps } = people;
  const points: Point[] = [];
  let stored = 0;
  for (const at of sizes) {
    if (at > stored) await fill(at - stored);
    stored = at;
    await deps.sql.query('checkpoint', []); // what filling left to write is not ours to wait for
    const values = await compare(ours, talks, stack.pid('server1'));
    const { receiver } = await openLoop(ours, 500, seconds);
    points.push({ at, values: { ...values, 'p99 ms at 500/s': quantile(receiver, 0.99) } });
    console.log(at, points.at(-1)?.values);
  }
  return { name: 'History', of: 'messages stored', points };

  async function fill(count: number): Promise<void> {
    console.log(`storing ${count} messages`);
    const each = 1000;
    await inLanes(Array.from({ length: Math.ceil(count / each) }), 2, () =>
      deps.sql.query(
        `with line as (select id from line limit 1), peer as (select staff_id as id from peer_state limit 1),
         caller as (insert into caller (id, line_id, created_at, seen_at) select gen_random_uuid(), id, now(), now() from line returning id, line_id),
         request as (insert into request (id, line_id, caller_id, channel, state, first_joined_at, ended_at)
           select gen_random_uuid(), line_id, id, 'chat', 'closed', now(), now() from caller returning id, line_id, caller_id),
         talk as (insert into conversation (id, line_id, request_id, caller_id, peer_id, channel, state, cost, last_seq, started_at, ended_at, ended_by)
           select gen_random_uuid(), r.line_id, r.id, r.caller_id, peer.id, 'chat', 'ended', 100, $1, now(), now(), 'caller' from request r, peer returning id, caller_id)
         insert into message (conversation_id, seq, sender_id, client_id, epoch, iv, ciphertext, sent_at)
         select t.id, n, t.caller_id, gen_random_uuid(), 1, decode(repeat('00', 12), 'hex'), decode(repeat(md5(n::text), 17), 'hex'), now()
         from talk t, generate_series(1, $1::int) n`,
        [each],
      ),
    );
  }
}
