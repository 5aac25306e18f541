import { readConfig } from '@hearthline/server/config';
import { openDeps } from '@hearthline/server/deps';
import { createEnding } from '../load/ending.ts';
import { createLogins } from '../load/logins.ts';
import { createHistory } from './history.ts';
import { startLine, type LineOptions } from './line.ts';
import { simulatedCaller, simulatedPeer, type Caller, type Peer, type World } from './people.ts';
import { pause } from './person.ts';
import { randomFrom } from './random.ts';
import { collect, type Record_ } from './record.ts';
import { startSamples } from './samples.ts';

export type RigOptions = Partial<LineOptions> & { seed: number; callers?: number; peers?: number };
export type Rig = Awaited<ReturnType<typeof startRig>>;

/** A line under faults, with callers and peers who live on it and a history of what they asked and were told. */
export async function startRig({ seed, callers = 6, peers = 3, ...given }: RigOptions) {
  const ending = createEnding();
  try {
    const line = await startLine({ servers: 3, workers: 2, offerSeconds: 10, ...given }, ending);
    const history = createHistory();
    const random = randomFrom(seed);
    const world: World = { ways: line.ways, random, history, userAgent: 'RigPage/7.7 (canary)' };
    const config = readConfig({ ...line.stack.env, LOG_LEVEL: 'silent', PORT: '0' });
    const people: { callers: Caller[]; peers: Peer[] } = { callers: [], peers: [] };
    const { deps, close } = await openDeps(config, 'worker'); // ended before the faults begin
    const logins = createLogins(deps, config, 0);
    const lineRow = deps.lines.first();
    if (!lineRow) throw new Error('no line');
    for (let n = 1; n <= peers; n++) {
      const { id, cookie } = await logins.peer(lineRow.id);
      await logins.startWork(id, lineRow.id);
      people.peers.push(simulatedPeer({ id, name: `peer${n}`, cookie }, world));
    }
    for (let n = 1; n <= callers; n++) {
      const { actor, token } = await logins.callerRow(lineRow.config.slug, lineRow.config.consent.version);
      people.callers.push(simulatedCaller({ id: actor.id, name: `caller${n}`, cookie: `hl_caller=${token}` }, world));
    }
    await close();
    const everybody = () => [...people.callers, ...people.peers];
    ending.add(async () => void (await Promise.all(everybody().map((one) => one.close()))));
    const samples = startSamples(line.pool, history);
    ending.add(samples.stop);

    return {
      ...line,
      lineId: lineRow.id,
      seed,
      random,
      history,
      people,
      everybody,
      /** Marks in the history from when to when something was broken, and what may not be asked for meanwhile. */
      async fault<T>(name: string, broken: () => Promise<T>, excuses: readonly string[] = []): Promise<T> {
        history.add('rig', 'fault.begin', 'info', { name, excuses });
        return broken().finally(() => history.add('rig', 'fault.end', 'info', { name, excuses }));
      },
      /** Everybody finishes what was begun, and the line comes to rest; bounded. */
      async rest(): Promise<Record_> {
        await Promise.all(everybody().map((one) => one.rest()));
        return collect({ line, lineId: lineRow.id, history, people: everybody() });
      },
      /** Lets the line be used for a while: time in which people act, not a wait for something. */
      use: (ms: number) => pause(ms),
      stop: ending.all,
    };
  } catch (error) {
    await ending.all();
    throw error;
  }
}
