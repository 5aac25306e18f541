import { setTimeout } from 'node:timers/promises';
import { createCrew, type Crew } from '../support/crew.ts';
import { violations } from './checks/index.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { lateMoves } from './checks/escalations.ts';
import { readFacts, type Facts } from './facts.ts';
import { fillRoster, type Roster } from './onCall.ts';
import { leaks } from './leaks.ts';
import { createHistory, type Entry, type History } from './history.ts';
import { openTown, type Size, type Town } from './town.ts';

/** What a scenario may use: everything that runs, and the people who use it. */
export type Scene = { cluster: Cluster; crew: Crew; town: Town; history: History; random: () => number };
export type Scenario = {
  name: string;
  /** Rows of the catalogue of faults. */
  faults: readonly string[];
  size?: Size;
  /** Clinicians are on call, and peers press for them. */
  onCall?: boolean;
  /** How long people may take to come to their end. */
  patienceMs?: number;
  /** Breaks something under load and puts it right again. @returns what was measured, by name. */
  run(scene: Scene): Promise<Record<string, number>>;
};
export type Outcome = {
  name: string;
  faults: readonly string[];
  seconds: number;
  /** Talks that ran to their end, and messages that were acknowledged. */
  talks: number;
  words: number;
  measured: Record<string, number>;
  violations: string[];
  /** Why callers gave up, should they have: where to look when something is broken. */
  gaveUp: string[];
};
const usual = { peers: 4, callers: 6 };
/** So long everything runs well before something breaks, and after it was put right. */
export const calmMs = 1500;

/** Numbers that a seed gives again. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Rig = Awaited<ReturnType<typeof startRig>>;
/** One cluster for all scenarios of a run, one after another; whoever leaves something broken behind is found by the next. */
export async function startRig(options: Parameters<typeof startCluster>[0] = {}) {
  const cluster = await startCluster(options);
  // the rig's own look at the rows goes past the proxies
  const crew = await createCrew({ ...cluster.env, PORT: String(cluster.servers[0]?.program.port) });
  // rows stay: what one scenario did wrong, or who was away in it, is not held against the next
  const known = new Set<string>();
  const links: Entry[] = [];
  let roster: Roster | null = null;
  return {
    cluster,
    async play(scenario: Scenario, seed: number): Promise<Outcome> {
      const started = performance.now();
      const history = createHistory();
      if (scenario.onCall) roster ??= await fillRoster(crew);
      const town = await openTown(
        cluster,
        crew,
        history,
        scenario.size ?? usual,
        scenario.onCall ? (roster ?? []) : [],
      );
      const from = Date.now();
      const found: string[] = [];
      let measured: Record<string, number> = {};
      try {
        await setTimeout(calmMs);
        measured = await scenario.run({ cluster, crew, town, history, random: randomFrom(seed) });
      } catch (error) {
        found.push(`the scenario itself: ${(error as Error).message}`);
      }
      await cluster.heal();
      await setTimeout(calmMs);
      await town.rest(scenario.patienceMs).catch((e: Error) => found.push(`the scenario itself: ${e.message}`));
      await settled(crew);
      const facts = await readFacts(crew.deps, crew.line.id, cluster.gateway.handed);
      const told = [...links, ...history.entries];
      const all = [...violations(facts, told, town.transcripts()), ...(await leaks({ cluster, crew }))];
      links.push(...history.entries.filter((e) => ['connect', 'disconnect', 'noDatabase'].includes(e.op)));
      for (const what of all) {
        if (!known.has(what)) found.push(what);
        known.add(what);
      }
      town.close();
      await goHome(crew, town);
      return {
        name: scenario.name,
        faults: scenario.faults,
        seconds: (performance.now() - started) / 1000,
        talks: town.completed(),
        words: history.entries.filter((e) => e.op === 'message.send' && e.type === 'ok').length,
        measured: {
          ...measured,
          ...reconnects(history.entries),
          ...heard(history.entries, facts),
          ...climbed(facts, history.entries, from),
        },
        violations: [...new Set(found)],
        gaveUp: history.entries.filter((e) => e.op === 'gaveUp').map((e) => `${e.t.toFixed(0)} ms: ${String(e.value)}`),
      };
    },
    async stop(): Promise<void> {
      await crew.close();
      await cluster.stop();
    },
  };
}

/** Outbox told, records sealed, the line in Redis compared: all that needs a moment and nobody. Bounded. */
async function settled({ deps, line }: Crew): Promise<void> {
  const open = `select (select count(*) from outbox where dispatched_at is null) + (select count(*) from offer where state = 'pending')
    + (select count(*) from audit a where a.at < now() and not exists (select 1 from audit_seal s where a.id = any (s.audit_ids))) as n`;
  for (let i = 0; i < 200; i++) {
    const { rows } = await deps.sql.query<{ n: number }>(open, []);
    if (rows[0]?.n === 0 && deps.redis.status === 'ready') {
      const { queue, line: order } = await readFacts(deps, line.id);
      if (queue.join() === order.join()) return;
    }
    await setTimeout(100);
  }
}
/** The people of this scenario are nobody's peers in the next. */
async function goHome({ deps }: Crew, town: Town): Promise<void> {
  await deps.sql.query(
    `update peer_state set state = 'off', shift_id = null, load = 0 where staff_id = any($1::uuid[])`,
    [town.peers.map((p) => p.id)],
  );
}

/** How long after it was sent a word came to the other one, at worst. Milliseconds. */
function heard(history: readonly Entry[], { participants }: Facts): Record<string, number> {
  const later = new Set(participants.filter((p) => p.role === 'clinician').map((p) => p.party_id)); // they may read what was said before
  const sentAt = new Map<unknown, number>();
  for (const e of history) if (e.op === 'message.send' && e.type === 'ok') sentAt.set(e.args?.['clientId'], e.t);
  const took = history.flatMap((e) => {
    const word = e.op === 'message' ? (e.value as { clientId: string; senderId: string }) : null;
    const sent = word && word.senderId !== e.actor && !later.has(e.actor) ? sentAt.get(word.clientId) : undefined;
    return sent === undefined ? [] : [e.t - sent];
  });
  return took.length > 0 ? { 'heard ms': took.reduce((a, b) => Math.max(a, b), 0) } : {};
}

/** How many escalations there were and how they ended, and how much later than its time one went on at worst. Milliseconds. */
function climbed(facts: Facts, history: readonly Entry[], from: number): Record<string, number> {
  const raised = new Set(
    facts.audits.filter((a) => a.action === 'escalation.raised' && a.at >= from).map((a) => a.record_id),
  );
  if (raised.size === 0) return {};
  const own = facts.audits.filter((a) => raised.has(a.record_id));
  const times = (what: string) => own.filter((a) => a.action === `escalation.${what}`).length;
  const late = lateMoves(facts, history).filter((m) => raised.has(m.id));
  return {
    pressed: raised.size,
    called: times('paging'),
    joined: times('joined'),
    'nobody left': times('exhausted'),
    'step late ms': late.reduce((most, { ms }) => Math.max(most, ms), 0),
  };
}

/** How long pages were without a connection, and how long after it until nothing was missing any more. Milliseconds. */
function reconnects(history: readonly Entry[]): Record<string, number> {
  const lostAt = new Map<string, number>();
  const back: number[] = [];
  const complete: number[] = [];
  const frozen = history
    .filter((e) => e.op === 'frozen')
    .map((e) => e.value as { server: number; from: number; to: number });
  for (const e of history) {
    if (e.op === 'disconnect') lostAt.set(e.actor, lostAt.get(e.actor) ?? e.t);
    const lost = lostAt.get(e.actor);
    if (e.op === 'connect' && lost !== undefined) {
      back.push(e.t - lost);
      lostAt.delete(e.actor);
    }
    if (e.op === 'complete') {
      const { ms, server } = e.value as { ms: number; server: number | null };
      // whoever came to a server just before it froze has nothing missing by that it came back: from when the server woke
      const woke = frozen.filter((f) => f.server === server && f.from < e.t && f.to > e.t - ms).map((f) => f.to);
      complete.push(Math.max(0, Math.min(ms, ...woke.map((at) => e.t - at))));
    }
  }
  return {
    ...(back.length > 0 ? { 'pages lost': back.length, 'back ms': Math.max(...back) } : {}),
    ...(complete.length > 0 ? { 'complete ms': Math.max(...complete) } : {}),
  };
}
