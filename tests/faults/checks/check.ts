import type { Event } from '../history.ts';
import type { Record_ } from '../record.ts';

/** A pure judgement over all that a run left behind. @returns what is wrong, in words; nothing when it holds. */
export type Check = (record: Record_) => string[];

export type Interval = { from: number; to: number; what: string };

export const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
export const of = (record: Record_, op: string, type?: Event['type']) =>
  record.events.filter((e) => e.op === op && (!type || e.type === type));
export function grouped<T>(all: readonly T[], key: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(key(one), [...(groups.get(key(one)) ?? []), one]);
  return groups;
}

/** When something was broken that excuses this invariant, with time to heal after it. */
export function excused(record: Record_, id: string, healMs: number): (t: number) => boolean {
  const spans: { from: number; to: number }[] = [];
  let from: number | null = null;
  for (const e of record.events) {
    if (!e.op.startsWith('fault.') || !(e.args['excuses'] as string[]).includes(id)) continue;
    if (e.op === 'fault.begin') from = e.t;
    else if (from !== null) {
      spans.push({ from, to: e.t + healMs });
      from = null;
    }
  }
  return (t) => spans.some((s) => t >= s.from && t <= s.to);
}

/** When a person had no line to any server. */
export function gaps(record: Record_, name: string): Interval[] {
  const found: Interval[] = [];
  let since: number | null = record.events[0]?.t ?? 0;
  for (const e of record.events) {
    if (e.actor !== name || e.op !== 'line') continue;
    if (e.args['up'] === false) since ??= e.t;
    else if (since !== null) {
      found.push({ from: since, to: e.t, what: name });
      since = null;
    }
  }
  if (since !== null) found.push({ from: since, to: Infinity, what: name });
  return found;
}
