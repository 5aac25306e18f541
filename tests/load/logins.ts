import { randomUUID } from 'node:crypto';
import { createAuth } from '@hearthline/server/auth/auth';
import { callerOf, giveConsent } from '@hearthline/server/commands/callers/callerSession';
import { setPeerState, startShift } from '@hearthline/server/commands/peers/workShift';
import type { Config } from '@hearthline/server/config';
import type { Deps } from '@hearthline/server/deps';
import type { CallerActor, StaffActor } from '@hearthline/server/policies/actor';
import { openStaffSession } from './staffSession.ts';

/** People's rows and sessions, made through the product's own functions beside its servers. */
export function createLogins(deps: Deps, config: Config, port: number) {
  const auth = createAuth({ pool: deps.pool, secret: config.secret, origin: null, port });
  async function peer(lineId: string): Promise<{ id: string; cookie: string }> {
    const id = randomUUID();
    const email = `${id}@load.example`;
    const { internalAdapter } = await auth.$context;
    const user = await internalAdapter.createUser(
      { email, name: 'Peer', emailVerified: true },
      { method: 'email-password' },
    );
    await deps.sql.query(
      `with made as (insert into staff (id, auth_user_id, name, email, roles, created_at) values ($1, $2, 'Peer', $3, '{peer}', now()) returning id)
       insert into staff_line (staff_id, line_id) select id, $4 from made`,
      [id, user.id, email, lineId],
    );
    return { id, cookie: await openStaffSession(auth, config.secret, user.id) };
  }
  async function startWork(id: string, lineId: string, state: 'available' | 'break' = 'available'): Promise<void> {
    const actor: StaffActor = { kind: 'staff', id, name: 'Peer', roles: ['peer'], lineIds: [lineId], locked: false };
    await startShift(deps, actor, randomUUID());
    await setPeerState(deps, actor, randomUUID(), state);
  }
  async function callerRow(lineSlug: string, version: number): Promise<{ actor: CallerActor; token: string }> {
    const given = await giveConsent(deps, null, { lineSlug, version, name: null });
    const token = given.ok ? given.value.token : null;
    const actor = token ? await callerOf(deps, token) : null;
    if (!token || !actor) throw new Error('no consent was given');
    return { actor, token };
  }
  return { peer, startWork, callerRow };
}
