import { randomUUID } from 'node:crypto';
import { createAuth } from '@hearthline/server/auth/auth';
import { callerOf, giveConsent } from '@hearthline/server/commands/callers/callerSession';
import { setPeerState, startShift } from '@hearthline/server/commands/peers/workShift';
import { readConfig } from '@hearthline/server/config';
import { openDeps, type Deps } from '@hearthline/server/deps';
import { callerCookieName } from '@hearthline/server/http/cookies';
import type { CallerActor, StaffActor } from '@hearthline/server/policies/actor';
import type { Role } from '@hearthline/shared/contracts/ids';
import type { LineConfig } from '@hearthline/shared/contracts/line';
import { openStaffSession } from './staffSession.ts';

export type Crew = Awaited<ReturnType<typeof createCrew>>;
/** Somebody with a session: who they are, and the Cookie header of their browser. */
export type Member = { id: string; cookie: string };

/**
 * People for load and fault runs, made through the product's own functions without what a sign-in costs.
 * @param env what the programs run with; the line is the first one there.
 */
export async function createCrew(env: NodeJS.ProcessEnv) {
  const config = readConfig({ ...env, LOG_LEVEL: 'silent' });
  const { deps, close }: { deps: Deps; close(): Promise<void> } = await openDeps(config, 'worker');
  const { pool } = deps;
  const auth = createAuth({ pool, secret: config.secret, origin: config.origin, port: config.port });
  const first = deps.lines.first();
  if (!first) throw new Error('no line');
  const line: { id: string; config: LineConfig } = first;
  const actorOf = (id: string): StaffActor => ({
    kind: 'staff',
    id,
    name: 'Peer',
    roles: ['peer'],
    lineIds: [line.id],
    locked: false,
  });

  type OfMeans = { kind: 'alarm' } | { kind: 'webhook'; number: string };
  async function heardBy(staffId: string, means: readonly OfMeans[]): Promise<void> {
    for (const { kind, ...address } of means)
      await deps.sql.query(
        `insert into means (id, staff_id, kind, address, label, verified_at, created_at) values ($1, $2, $3, $4, 'One', $5, $5)`,
        [randomUUID(), staffId, kind, JSON.stringify(address), deps.clock.now()],
      );
  }

  async function member(role: Role): Promise<Member> {
    const id = randomUUID();
    const email = `${id}@load.example`;
    const { internalAdapter } = await auth.$context;
    const user = await internalAdapter.createUser(
      { email, name: 'Peer', emailVerified: true },
      { method: 'email-password' },
    );
    await deps.sql.query(
      `with made as (insert into staff (id, auth_user_id, name, email, roles, created_at) values ($1, $2, 'Peer', $3, $5, now()) returning id)
       insert into staff_line (staff_id, line_id) select id, $4 from made`,
      [id, user.id, email, line.id, [role]],
    );
    return { id, cookie: await openStaffSession(auth, config, user.id) };
  }

  return {
    deps,
    line,
    close,
    peer: () => member('peer'),
    async coordinator(means: readonly OfMeans[]): Promise<Member> {
      const made = await member('coordinator');
      await heardBy(made.id, means);
      return made;
    },
    /** On call for this layer of the line. The first of a layer is called. */
    async clinician(layer: string, position: number, means: readonly OfMeans[] = [{ kind: 'alarm' }]): Promise<Member> {
      const made = await member('clinician');
      const layerId = randomUUID();
      await deps.sql.query('insert into on_call_layer (id, line_id, name, position) values ($1, $2, $3, $4)', [
        layerId,
        line.id,
        layer,
        position,
      ]);
      await deps.sql.query(
        `insert into on_call_rotation (id, layer_id, position, time_zone, starts, recurrence, staff_ids)
         values ($1, $2, 1, 'UTC', '2026-01-01T00:00', 'FREQ=DAILY', $3)`,
        [randomUUID(), layerId, [made.id]],
      );
      await heardBy(made.id, means);
      return made;
    },
    async startWork(id: string, state: 'available' | 'break' = 'available'): Promise<void> {
      await startShift(deps, actorOf(id), randomUUID());
      await setPeerState(deps, actorOf(id), randomUUID(), state);
    },
    async caller(): Promise<Member & { actor: CallerActor }> {
      const { slug, consent } = line.config;
      const given = await giveConsent(deps, null, { lineSlug: slug, version: consent.version, name: null });
      const token = given.ok ? given.value.token : null;
      const actor = token ? await callerOf(deps, token) : null;
      if (!token || !actor) throw new Error('no consent was given');
      return { id: actor.id, cookie: `${callerCookieName(config)}=${token}`, actor };
    },
  };
}
