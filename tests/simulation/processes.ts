import type { World } from './world.ts';

/** A server or a worker. Its own clock is wrong by `skewMs`; it follows the database's by what it has measured. */
export type Process = {
  name: string;
  role: 'server' | 'worker';
  world: World;
  alive: boolean;
  /** Counts its lives: what an earlier one was about is gone with it. */
  life: number;
  skewMs: number;
  /** The time of the database as it takes it (`clock.ts`). */
  clock(): number;
};

const promptMs = 2500;
const beatMs = 1000;

export function createProcesses(world: World, servers: number, workers: number) {
  const make = (role: Process['role'], n: number): Process => {
    const skewMs = world.skewed ? world.random.stream(`skew ${role}${n}`).whole(-300_000, 300_000) : 0;
    const own = () => world.now + skewMs;
    const measured = world.now - own();
    return {
      name: `${role}${n}`,
      role,
      world,
      alive: true,
      life: 1,
      skewMs,
      clock: () => own() + measured,
    };
  };
  const all = [
    ...Array.from({ length: servers }, (_, n) => make('server', n + 1)),
    ...Array.from({ length: workers }, (_, n) => make('worker', n + 1)),
  ];
  let noWorkerSince = -Infinity;
  const alive = (role: Process['role']) => all.filter((p) => p.role === role && p.alive);

  /** Who does what time does: the workers; the servers while none has given a sign for a while (F18). */
  function background(): Process[] {
    const workers = alive('worker');
    return workers.length > 0 || world.now < noWorkerSince + promptMs + beatMs ? workers : alive('server');
  }

  return {
    all,
    alive,
    background,
    /** Runs later on this process, unless it has died by then. */
    later(p: Process, ms: number, what: string, run: () => void): void {
      const { life } = p;
      world.after(ms, what, () => {
        if (p.alive && p.life === life) run();
      });
    },
    kill(p: Process, downMs: number): void {
      if (!p.alive) return;
      p.alive = false;
      world.lost(p);
      world.startBackground();
      if (alive('worker').length === 0) {
        if (p.role === 'worker') noWorkerSince = world.now;
        world.after(promptMs + beatMs, 'servers take over', world.startBackground);
      }
      world.after(downMs, `${p.name} starts`, () => {
        p.alive = true;
        p.life++;
        world.startBackground();
      });
    },
  };
}
export type Processes = ReturnType<typeof createProcesses>;
