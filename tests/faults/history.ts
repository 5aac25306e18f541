/** What one simulated person did or was told. `info`: nobody knows whether it happened, or it is only something seen. */
export type Event = {
  /** Milliseconds since the epoch, on the clock of the rig, which is that of the database. */
  t: number;
  actor: string;
  op: string;
  type: 'invoke' | 'ok' | 'fail' | 'info';
  args: Record<string, unknown>;
};

export type History = { events: Event[]; add(actor: string, op: string, type: Event['type'], args?: object): void };

export function createHistory(): History {
  const events: Event[] = [];
  return {
    events,
    add: (actor, op, type, args = {}) => void events.push({ t: Date.now(), actor, op, type, args: { ...args } }),
  };
}
