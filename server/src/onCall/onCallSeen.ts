import type { DomainEvent } from '@hearthline/shared/contracts/domainEvents';
import type { OnCallNow, StaffNamed } from '@hearthline/shared/contracts/escalation';
import type { EventHub } from '../events/hub.ts';
import type { Lines } from '../storage/postgres/lines.store.ts';
import type { Sql } from '../storage/postgres/pool.ts';
import { onCallFor, type OnCallStep } from './onCallNow.ts';
import { usualTimes } from './usualTimes.ts';

/** What no event tells of shows after so long: a row changed at a terminal, another ladder in the line's file. */
const knownForMs = 5000;
export const changesOnCall: ReadonlySet<DomainEvent['type']> = new Set(['roster.changed', 'staff.suspended']);

type Parts = { clock: { now(): Date }; hub: Pick<EventHub, 'on'>; lines: Lines; sql: Sql };
type Known = { goodUntil: number; seen: Promise<OnCallNow> };

/**
 * [RO11] Who would be called on a line, as pages show it: worked out for all of them together, again after 5 s, after an event
 * that may have changed it, and when the next hand-over comes. Whoever presses is judged anew.
 */
export function createOnCallSeen(parts: Parts) {
  const known = new Map<string, Known>();
  /** Of each line, what pages were last made from. */
  const shown = new Map<string, string>();
  const listeners = new Set<(lineId: string) => void>();
  parts.hub.on(({ type, lineId }) => {
    const last = known.get(lineId);
    if (last && changesOnCall.has(type)) last.goodUntil = 0;
  });

  async function look(lineId: string, at: Date, one: Known): Promise<OnCallNow> {
    const [steps, usual] = await Promise.all([onCallFor(parts, parts.sql, lineId, at), usualTimes(parts, lineId)]);
    const next = Math.min(...steps.map((s) => s.until?.getTime() ?? Infinity));
    one.goodUntil = Math.min(one.goodUntil, next);
    const seen = { ...told(steps), usual };
    if (known.get(lineId) !== one) return seen; // somebody looks again already
    const before = shown.get(lineId);
    const is = JSON.stringify([seen.people, seen.until, next]);
    shown.set(lineId, is);
    if (before !== undefined && before !== is) for (const tell of listeners) tell(lineId);
    return seen;
  }

  return {
    now(lineId: string): Promise<OnCallNow> {
      const at = parts.clock.now();
      const last = known.get(lineId);
      if (last && at.getTime() < last.goodUntil) return last.seen;
      const one: Known = { goodUntil: at.getTime() + knownForMs, seen: Promise.resolve(nobody) };
      known.set(lineId, one);
      one.seen = look(lineId, at, one);
      one.seen.catch(() => (one.goodUntil = 0));
      return one.seen;
    },
    /** Somebody else, or until another time, than pages were made from. */
    onChange(listener: (lineId: string) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
export type OnCallSeen = ReturnType<typeof createOnCallSeen>;

const nobody: OnCallNow = { people: [], until: null, usual: null };

function told(steps: readonly OnCallStep[]): Pick<OnCallNow, 'people' | 'until'> {
  const people = new Map<string, StaffNamed>();
  for (const { person } of steps)
    if (person) people.set(person.staffId, { id: person.staffId, name: person.name, title: person.title });
  const first = steps.find((s) => s.person !== null);
  return { people: [...people.values()], until: first?.until?.toISOString() ?? null };
}
