import { gaps, of } from './checks/check.ts';
import type { Record_ } from './record.ts';

/** The longest of each, in milliseconds; null when there was none. */
export type Measures = {
  /** Without a line to any server. */
  away: number | null;
  /** From asking to the acknowledgement, retries included. */
  messageSent: number | null;
  requestOpened: number | null;
  /** First in line beside a free peer. */
  headWaited: number | null;
};

export function measure(record: Record_): Measures {
  const most = (all: number[]) => (all.length > 0 ? Math.round(Math.max(...all)) : null);
  const start = record.events.find((e) => e.op === 'line')?.t ?? 0;
  const away = record.people
    .flatMap((p) => gaps(record, p.name))
    .filter((g) => g.to !== Infinity && g.from > start + 1000)
    .map((g) => g.to - g.from);
  const took = (op: string, key: string) => {
    const asked = new Map(of(record, op, 'invoke').map((e) => [e.args[key], e.t]));
    return most(of(record, op, 'ok').map((e) => e.t - (asked.get(e.args[key]) ?? e.t)));
  };
  let head: unknown = null;
  let since = 0;
  const waited: number[] = [];
  for (const e of of(record, 'sample')) {
    if (e.args['head'] !== head || head === null) [head, since] = [e.args['head'], e.t];
    else waited.push(e.t - since);
  }
  return {
    away: most(away),
    messageSent: took('message.send', 'clientId'),
    requestOpened: took('request.open', 'commandId'),
    headWaited: most(waited),
  };
}
