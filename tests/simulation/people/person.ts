import type { Result } from '@hearthline/shared/contracts/refusals';
import { ProcessDied } from '../act.ts';
import { callerAway, callerBack, staffAway, staffBack, takenForAway } from '../acts/presence.ts';
import { leaseMs } from '../holds.ts';
import type { Process } from '../processes.ts';
import type { Random } from '../random.ts';
import type { RowOf } from '../store/rows.ts';
import type { World } from '../world.ts';

export type Kind = 'caller' | 'peer' | 'clinician' | 'coordinator';
type Command = (p: Process, commandId: string) => Result<unknown>;

/** Somebody with a browser. What they do is put down as happenings; what they know may be old by the time they do it. */
export type Person = {
  id: string;
  kind: Kind;
  random: Random;
  /** The server their page is connected to; null: none. */
  server: Process | null;
  /** As Redis has it: renewed by their server until it notices that they are gone. */
  leaseUntil: number;
  watchedBy: Process | null;
  /** The last message of each talk that their page has shown. */
  seen: Map<string, number>;
  told(type: string): void;
  paged(page: RowOf<'page'>): void;
  /** Asks until there is an answer, under one id; sometimes twice, and sometimes pressed twice. */
  ask(name: string, run: Command, then?: (result: Result<unknown>) => void): void;
  connect(): void;
  /** @param backMs when they come again; null: never */
  losePage(how: 'closed' | 'silent', backMs: number | null): void;
  /** Runs later, if they are still there. */
  later(ms: number, what: string, run: () => void): void;
};
const mostTries = 8;
/** A reload is no departure. */
const graceMs = 3000;

export function createPerson(world: World, id: string, kind: Kind): Person {
  const random = world.random.stream(id);
  let gone = false;
  const away = (p: Process, closed: boolean) => (kind === 'caller' ? callerAway(p, id, closed) : staffAway(p, id));

  function once(
    name: string,
    commandId: string,
    run: Command,
    then: (r: Result<unknown>) => void,
    tries: number,
  ): void {
    const travels = random.chance(0.03) ? random.whole(500, 8000) : random.whole(5, 80);
    const retry = () => world.after(random.whole(1000, 4000), `${id} ${name} again`, () => send(tries + 1));
    function send(n: number): void {
      if (n > mostTries || gone) return;
      if (!person.server) return retry();
      once(name, commandId, run, then, n);
    }
    world.after(travels, `${id} ${name}`, () => {
      const p = person.server;
      if (!p?.alive) return retry();
      try {
        const result = run(p, commandId);
        if (random.chance(0.02)) return retry(); // the answer is lost
        then(result);
      } catch (error) {
        if (!(error instanceof ProcessDied)) throw error;
        retry();
      }
    });
  }

  const person: Person = {
    id,
    kind,
    random,
    server: null,
    leaseUntil: 0,
    watchedBy: null,
    seen: new Map(),
    told: () => {},
    paged: () => {},
    ask(name, run, then = () => {}) {
      const commandId = world.newId('command');
      once(name, commandId, run, then, 1);
      if (random.chance(0.03)) once(`${name} (sent twice)`, commandId, run, () => {}, 1);
      if (random.chance(0.03)) once(`${name} (pressed twice)`, world.newId('command'), run, () => {}, 1);
    },
    connect() {
      if (gone || person.server) return;
      const servers = world.processes.alive('server');
      if (servers.length === 0) return world.after(random.whole(1000, 3000), `${id} connects`, person.connect);
      const p = random.pick(servers);
      person.server = p;
      person.watchedBy = p;
      world.say(`${id} is connected to ${p.name}`);
      if (takenForAway(world.store, id)) (kind === 'caller' ? callerBack : staffBack)(p, id);
      person.told('connected');
    },
    losePage(how, backMs) {
      const p = person.server;
      if (!p) return;
      person.server = null;
      world.say(`${id} has no page any more (${how})`);
      const notices = graceMs + (how === 'closed' ? random.whole(10, 1500) : random.whole(10_000, 25_000));
      person.leaseUntil = world.now + notices - graceMs + leaseMs;
      person.watchedBy = p;
      world.processes.later(p, notices, `${p.name} notices`, () => {
        if (!person.server && person.watchedBy === p) away(p, how === 'closed');
      });
      world.after(notices + leaseMs + random.whole(0, 5000), 'presence', world.sweepPresence);
      if (backMs === null) gone = true;
      else world.after(backMs, `${id} comes back`, person.connect);
    },
    later: (ms, what, run) =>
      world.after(ms, `${id}: ${what}`, () => {
        if (!gone) run();
      }),
  };
  world.people.set(id, person);
  return person;
}

/** Whoever was connected to a server that has died looks for another. */
export function loseServer(world: World, p: Process): void {
  for (const person of world.people.values()) {
    if (person.watchedBy === p) person.leaseUntil = Math.min(person.leaseUntil || Infinity, world.now + leaseMs);
    if (person.server !== p) continue;
    person.server = null;
    person.leaseUntil = world.now + leaseMs;
    world.after(person.random.whole(500, 8000), `${person.id} connects`, person.connect);
  }
}
