import type { DomainEvent } from '@hearthline/shared/contracts/domainEvents';

export type Listener = (event: DomainEvent) => void;

/** Tells this process, and through Redis every other, what was committed. Losing a telling loses speed, never truth. */
export type EventHub = {
  tell(events: readonly DomainEvent[]): void;
  on(listener: Listener): () => void;
};

/** @param send hands the events to the other processes; a failure is its own business. */
export function createHub(
  send: (events: readonly DomainEvent[]) => void,
): EventHub & { hear(events: readonly DomainEvent[]): void } {
  const listeners = new Set<Listener>();
  const hear = (events: readonly DomainEvent[]) => {
    for (const event of events) for (const listener of listeners) listener(event);
  };
  return {
    hear,
    tell(events) {
      if (events.length === 0) return;
      hear(events);
      send(events);
    },
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
