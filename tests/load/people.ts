import { randomUUID } from 'node:crypto';
import { createAuth } from '@hearthline/server/auth/auth';
import { callerOf, giveConsent } from '@hearthline/server/commands/callers/callerSession';
import { setPeerState, startShift } from '@hearthline/server/commands/peers/workShift';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import { readConfig } from '@hearthline/server/config';
import { openDeps, type Deps } from '@hearthline/server/deps';
import { readLineFile, saveLine } from '@hearthline/server/lines/lineFile';
import type { CallerActor, StaffActor } from '@hearthline/server/policies/actor';
import { weekdays } from '@hearthline/shared/contracts/line';
import { protocolVersion, socketPath } from '@hearthline/shared/contracts/socketEvents';
import pg from 'pg';
import { freshDatabase, raisedLimits, startStack, type Stack } from '../support/services.ts';
import { inLanes, type Ending } from './ending.ts';
import { leanSocket, type LeanSocket } from './leanSocket.ts';
import { openStaffSession } from './staffSession.ts';

const exampleLine = new URL('../../lines/example.yaml', import.meta.url);
const atOnce = 16;

/** The built product on a database of its own, with one line; the limits are raised by number, nothing is switched off. */
export async function benchStack(ending: Ending, servers = 1): Promise<Stack> {
  const database = await freshDatabase();
  ending.add(database.drop);
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  const hours = Object.fromEntries(weekdays.map((day) => [day, [{ from: '00:00', to: '24:00' }]]));
  const line = await readLineFile(exampleLine);
  const numbers = { maxWaiting: 100_000, offerSeconds: 120, chatsPerPeer: 1, intakeStopsMinutes: 0 };
  await saveLine(pool, { ...line, hours, holidays: {}, ...numbers }).finally(() => pool.end());
  const profile = process.env['BENCH_PROFILE']; // a folder: each process leaves its CPU profile there
  const nodeOptions = profile
    ? `--cpu-prof --cpu-prof-interval=500 --cpu-prof-dir=${profile}`
    : process.env['BENCH_NODE_OPTIONS'];
  const stack = await startStack({
    databaseUrl: database.url,
    servers,
    env: { ...raisedLimits, LOG_LEVEL: 'warn', ...(nodeOptions ? { NODE_OPTIONS: nodeOptions } : {}) },
  });
  ending.add(stack.stop);
  return stack;
}

export type Person = { id: string; socket: LeanSocket };
export type Crowd = {
  /** Peers on shift, available or on a break, each signed in and on a socket of their own. */
  peers(count: number, state?: 'break'): Promise<Person[]>;
  /** Callers who gave consent, each on a socket of their own. */
  callers(count: number): Promise<Person[]>;
  /** As many peers on a break and callers in line, without pages. @returns their line. */
  rows(count: number): Promise<string>;
  deps: Deps;
  close(): Promise<void>;
};

/**
 * People of a load test: rows through the product's own functions, everything after that through its doors.
 * @param nodes which of the servers callers and staff are connected to.
 */
export async function crowd(stack: Stack, ending: Ending, nodes = { caller: 0, staff: 0 }): Promise<Crowd> {
  const portOf = (node: number) => Number(new URL(stack.urls[node] ?? '').port);
  const port = portOf(0);
  const config = readConfig({ ...stack.env, LOG_LEVEL: 'silent', PORT: String(port) });
  const { deps, close } = await openDeps(config, 'worker');
  const auth = createAuth({ pool: deps.pool, secret: config.secret, origin: null, port });
  const line = deps.lines.first();
  if (!line) throw new Error('no line');

  async function connect(as: 'caller' | 'staff', cookie: string): Promise<LeanSocket> {
    const query = `&as=${as}&v=${protocolVersion}&tab=${randomUUID()}`;
    const at = portOf(nodes[as]);
    const headers = { Origin: `http://localhost:${at}`, Cookie: cookie };
    const socket = await leanSocket({ port: at, path: socketPath, query, headers });
    ending.add(socket.close);
    return socket;
  }
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
  async function caller(lineSlug: string, version: number): Promise<Person> {
    const { actor, token } = await callerRow(lineSlug, version);
    return { id: actor.id, socket: await connect('caller', `hl_caller=${token}`) };
  }
  const several = <T>(count: number, make: () => Promise<T>) => inLanes(Array.from({ length: count }), atOnce, make);
  return {
    async peers(count, state) {
      // step by step for all: a peer on shift without a socket counts as away after 15 s, and each change of one is told
      // to every desk that is open by then
      const made = await several(count, () => peer(line.id));
      await inLanes(made, atOnce, ({ id }) => startWork(id, line.id, state));
      return inLanes(made, atOnce, async ({ id, cookie }) => ({ id, socket: await connect('staff', cookie) }));
    },
    callers: (count) => several(count, () => caller(line.config.slug, line.config.consent.version)),
    async rows(count) {
      await several(count, async () => startWork((await peer(line.id)).id, line.id, 'break'));
      await several(count, async () => {
        const { actor } = await callerRow(line.config.slug, line.config.consent.version);
        const opened = await openRequest(deps, actor, 'chat');
        if (!opened.ok) throw new Error(`a request was refused: ${opened.code}`);
      });
      return line.id;
    },
    deps,
    close: ending.add(close),
  };
}
