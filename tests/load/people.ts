import { randomUUID } from 'node:crypto';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import type { Deps } from '@hearthline/server/deps';
import { readLineFile, saveLine } from '@hearthline/server/lines/lineFile';
import { weekdays } from '@hearthline/shared/contracts/line';
import { protocolVersion, socketPath } from '@hearthline/shared/contracts/socketEvents';
import pg from 'pg';
import { freshDatabase, raisedLimits, startStack, type Stack } from '../support/services.ts';
import { createCrew, type Crew, type Member } from '../support/crew.ts';
import { inLanes, type Ending } from './ending.ts';
import { leanSocket, type LeanSocket } from './leanSocket.ts';

const exampleLine = new URL('../../lines/example.yaml', import.meta.url);
const atOnce = 16;

/** The built product on a database of its own, with one line; the limits are raised by number, nothing is switched off. */
export async function benchStack(ending: Ending, servers = 1, more: NodeJS.ProcessEnv = {}): Promise<Stack> {
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
    env: { ...raisedLimits, LOG_LEVEL: 'warn', ...more, ...(nodeOptions ? { NODE_OPTIONS: nodeOptions } : {}) },
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
  /** Somebody on call for this layer of the line, with a page open. */
  clinician(layer: string, position: number, means?: Parameters<Crew['clinician']>[2]): Promise<Person>;
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
  const crew = await createCrew({ ...stack.env, PORT: String(portOf(0)) });

  async function connect(as: 'caller' | 'staff', { id, cookie }: Member): Promise<Person> {
    const query = `&as=${as}&v=${protocolVersion}&tab=${randomUUID()}`;
    const port = portOf(nodes[as]);
    const headers = { Origin: `http://localhost:${port}`, Cookie: cookie };
    const socket = await leanSocket({ port, path: socketPath, query, headers });
    ending.add(socket.close);
    return { id, socket };
  }
  const several = <T>(count: number, make: () => Promise<T>) => inLanes(Array.from({ length: count }), atOnce, make);
  return {
    async peers(count, state) {
      // step by step for all: a peer on shift without a socket counts as away after 15 s, and each change of one is told
      // to every desk that is open by then
      const made = await several(count, crew.peer);
      await inLanes(made, atOnce, ({ id }) => crew.startWork(id, state));
      return inLanes(made, atOnce, (one) => connect('staff', one));
    },
    callers: (count) => several(count, async () => connect('caller', await crew.caller())),
    clinician: async (layer, position, means) => connect('staff', await crew.clinician(layer, position, means)),
    async rows(count) {
      await several(count, async () => crew.startWork((await crew.peer()).id, 'break'));
      await several(count, async () => {
        const opened = await openRequest(crew.deps, (await crew.caller()).actor, 'chat');
        if (!opened.ok) throw new Error(`a request was refused: ${opened.code}`);
      });
      return crew.line.id;
    },
    deps: crew.deps,
    close: ending.add(crew.close),
  };
}
