import { randomUUID } from 'node:crypto';
import { acceptOffer } from '@hearthline/server/commands/offers/answerOffer';
import { giveConsent, callerOf } from '@hearthline/server/commands/callers/callerSession';
import { setPeerState, startShift } from '@hearthline/server/commands/peers/workShift';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import { readConfig } from '@hearthline/server/config';
import { openDeps, type Deps } from '@hearthline/server/deps';
import { matchOnce, startMatcher } from '@hearthline/server/matching/matcher';
import type { CallerActor, StaffActor } from '@hearthline/server/policies/actor';
import { LineConfig } from '@hearthline/shared/contracts/line';
import { freshDatabase, freshFolder, programEnv, redisFor } from './services.ts';

export const lineConfig = (over: Partial<LineConfig> = {}): LineConfig =>
  LineConfig.parse({
    slug: `line-${randomUUID().slice(0, 8)}`,
    name: 'Test line',
    shortName: 'Test',
    timeZone: 'UTC',
    about: 'A line of the tests.',
    whoAnswers: ['Peers'],
    hours: Object.fromEntries(
      ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((d) => [d, [{ from: '00:00', to: '24:00' }]]),
    ),
    intakeStopsMinutes: 0,
    crisis: [{ country: 'US', countryName: 'United States', contacts: [{ label: 'Call 988', href: 'tel:988' }] }],
    consent: { version: 1, since: '2026-01-01', points: [{ lead: 'Plain.', text: 'Words.' }], full: 'All of it.' },
    survey: [{ key: 'heard', text: 'Did you feel heard?', low: 'No', high: 'Yes' }],
    wrapUp: { topics: ['Work'], outcomes: ['Ended together'] },
    crisisCard: ['Stay with them.'],
    ...over,
  });

export type TestLine = Awaited<ReturnType<typeof testLine>>;

/** A line of its own on real PostgreSQL and Redis, driven through the commands, without HTTP. */
export async function testLine(over: Partial<LineConfig> = {}, env: Record<string, string> = {}) {
  const database = await freshDatabase();
  const redis = await redisFor();
  const place = { databaseUrl: database.url, redisUrl: redis.url, folder: freshFolder() };
  const config = readConfig(programEnv(place, { LOG_LEVEL: 'silent', ...env }));
  const opened: { deps: Deps; close(): Promise<void> }[] = [];
  const another = async () => {
    const o = await openDeps(config, 'worker');
    opened.push(o);
    return o.deps;
  };
  const deps = await another();
  const lineId = randomUUID();
  const now = deps.clock.now();
  await deps.sql.query('insert into line (id, slug, config, created_at, updated_at) values ($1, $2, $3, $4, $4)', [
    lineId,
    'test',
    JSON.stringify(lineConfig({ slug: 'test', ...over })),
    now,
  ]);
  await deps.lines.load();
  const stops: (() => Promise<void>)[] = [];

  return {
    deps,
    lineId,
    /** Another process' worth of connections to the same line. */
    async node(): Promise<Deps> {
      const d = await another();
      await d.lines.load();
      return d;
    },
    matcher(d: Deps = deps) {
      const m = startMatcher(d);
      stops.push(() => m.stop());
      return m;
    },
    async peer(name: string, { available = true } = {}): Promise<StaffActor> {
      const id = randomUUID();
      await deps.sql.query(
        `insert into staff (id, auth_user_id, name, email, roles, created_at) values ($1, $2, $3, $4, '{peer}', $5)`,
        [id, id, name, `${id}@example.invalid`, deps.clock.now()],
      );
      await deps.sql.query('insert into staff_line (staff_id, line_id) values ($1, $2)', [id, lineId]);
      const actor: StaffActor = { kind: 'staff', id, name, roles: ['peer'], lineIds: [lineId], locked: false };
      must(await startShift(deps, actor, randomUUID()));
      if (available) must(await setPeerState(deps, actor, randomUUID(), 'available'));
      return actor;
    },
    async caller(name: string | null = null): Promise<CallerActor> {
      const given = must(await giveConsent(deps, null, { lineSlug: 'test', version: 1, name }));
      const actor = await callerOf(deps, given.token ?? '');
      if (!actor) throw new Error('no caller');
      return actor;
    },
    /** A caller who asked and a peer who accepted: a live conversation. */
    async talk(): Promise<{ caller: CallerActor; peer: StaffActor; conversationId: string }> {
      const peer = await this.peer('Maya');
      const caller = await this.caller('Sparrow');
      must(await openRequest(deps, caller, 'chat'));
      await offersMade(deps, lineId);
      const { rows } = await deps.sql.query<{ id: string }>(
        `select id from offer where peer_id = $1 and state = 'pending'`,
        [peer.id],
      );
      const { conversationId } = must(
        await acceptOffer(deps, peer, { commandId: randomUUID(), offerId: rows[0]?.id ?? '' }),
      );
      return { caller, peer, conversationId };
    },
    async close() {
      for (const stop of stops) await stop();
      for (const o of opened) await o.close();
      await redis.stop();
      await database.drop();
    },
  };
}

/** @returns how many offers one look at the line made, without a matcher that runs on. */
export async function offersMade(deps: Deps, lineId: string): Promise<number> {
  return (await matchOnce(deps, lineId)).made;
}

export function must<T>(result: { ok: true; value: T } | { ok: false; code: string }): T {
  if (!result.ok) throw new Error(`refused: ${result.code}`);
  return result.value;
}

/** Waits for a condition by asking; fails loudly when it never holds. */
export async function until(what: string, holds: () => Promise<boolean>, ms = 10_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`never came true: ${what}`);
    await new Promise((f) => setTimeout(f, 10));
  }
}
