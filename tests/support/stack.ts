import { mkdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { guarded, type Guarded } from '../../tools/services/guarded.mjs';
import {
  ROOT,
  SEED,
  freshDatabase,
  freshFolder,
  keptFolders,
  program,
  programEnv,
  redisFor,
  seededDatabase,
} from './services.ts';

const READY_MS = 30_000;
const KEPT_OUTPUT = 200_000;

export interface StackOptions {
  servers?: number;
  workers?: number;
  /** For every program; the limits of config.ts are the usual ones to raise. */
  env?: NodeJS.ProcessEnv;
  /** For one of them, over `env`: its own way to the database, for instance. */
  envOf?: (name: string) => NodeJS.ProcessEnv;
  /** With the demo's line and accounts, as seed.ts makes them. */
  seed?: boolean;
  /** Given ones are used and left alone; else the stack makes and drops its own. */
  databaseUrl?: string;
  redisUrl?: string;
}

/** Real server and worker processes on a database and Redis of their own. Names: server1, server2, …, worker1, … */
export interface Stack {
  /** The first server's address. */
  readonly url: string;
  readonly urls: string[];
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly dataDir: string;
  /** What the programs run with, for running a command line program beside them. */
  readonly env: NodeJS.ProcessEnv;
  /** Everything a program has printed, for failure messages and for "never in the log" checks. */
  output(name?: string): string;
  running(name: string): boolean;
  /** Of the program itself, while it runs. */
  pid(name: string): number;
  /** Resolves when the process is gone. */
  kill(name: string, signal?: NodeJS.Signals): Promise<void>;
  /** Starts it (again) on the port it had; resolves when it is ready. @param more of its environment, this time only */
  restart(name: string, more?: NodeJS.ProcessEnv): Promise<void>;
  stop(): Promise<void>;
}

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { servers = 1, workers = 1, seed = false } = options;
  const folder = freshFolder('stack');
  for (const name of keptFolders) mkdirSync(join(folder, name), { mode: 0o700 });
  const database = options.databaseUrl
    ? { url: options.databaseUrl, drop: async () => {} }
    : await (seed ? seededDatabase(folder) : freshDatabase());
  const redis = options.redisUrl ? { url: options.redisUrl, stop: async () => {} } : await redisFor();
  const env = programEnv({ databaseUrl: database.url, redisUrl: redis.url, folder }, options.env);
  if (seed && options.databaseUrl) await program(SEED, env);

  const programs = new Map<string, Running>();
  for (let n = 1; n <= servers; n++)
    programs.set(`server${n}`, new Running('server', { ...env, ...options.envOf?.(`server${n}`) }, await freePort()));
  for (let n = 1; n <= workers; n++)
    programs.set(`worker${n}`, new Running('workers', { ...env, ...options.envOf?.(`worker${n}`) }));
  const named = (name: string) => {
    const found = programs.get(name);
    if (!found) throw new Error(`There is no ${name}; there are ${[...programs.keys()].join(', ')}`);
    return found;
  };
  const stop = async () => {
    await Promise.all([...programs.values()].map((one) => one.stop()));
    await redis.stop();
    await database.drop();
  };
  try {
    await Promise.all([...programs.values()].map((one) => one.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  const urls = [...programs.values()].flatMap((one) => (one.port ? [`http://127.0.0.1:${one.port}`] : []));
  return {
    url: urls[0] ?? '',
    urls,
    databaseUrl: database.url,
    redisUrl: redis.url,
    dataDir: join(folder, 'data'),
    env,
    output: (name) => (name ? named(name).output : [...programs.values()].map((one) => one.output).join('')),
    running: (name) => named(name).running,
    pid: (name) => named(name).pid,
    kill: (name, signal = 'SIGKILL') => named(name).kill(signal),
    restart: async (name, more) => {
      await named(name).stop();
      await named(name).start(more);
    },
    stop,
  };
}

/** One process of the product, with what it printed. */
export class Running {
  readonly folder: 'server' | 'workers';
  readonly env: NodeJS.ProcessEnv;
  readonly port: number | undefined;
  output = '';
  #process: Guarded | undefined;

  constructor(folder: 'server' | 'workers', env: NodeJS.ProcessEnv, port?: number) {
    this.folder = folder;
    this.env = port ? { ...env, PORT: String(port) } : env;
    this.port = port;
  }

  get running(): boolean {
    return this.#process?.running ?? false;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  async start(more: NodeJS.ProcessEnv = {}): Promise<void> {
    const file = join(ROOT, this.folder, 'src', 'main.ts');
    const started = guarded(process.execPath, [file], { cwd: ROOT, env: { ...this.env, ...more } });
    this.#process = started;
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (text: Buffer) => (this.output = (this.output + text.toString()).slice(-KEPT_OUTPUT)));
    if (!this.port) return;
    const end = Date.now() + READY_MS;
    while (!(await this.#ready())) {
      if (!started.running || Date.now() > end)
        throw new Error(`${this.folder} ${started.running ? 'was not ready in time' : 'has stopped'}:\n${this.output}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  async #ready(): Promise<boolean> {
    const signal = AbortSignal.timeout(2000);
    const answer = await fetch(`http://127.0.0.1:${this.port}/readyz`, { signal }).catch(() => undefined);
    return answer?.ok ?? false;
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    await this.#process?.kill(signal);
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await this.#process?.exited;
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}
