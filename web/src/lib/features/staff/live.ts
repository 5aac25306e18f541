import type { DoorInput, DoorName, DoorOutput } from '@hearthline/shared/contracts/doors';

export type LinkState = 'connecting' | 'live' | 'reconnecting' | 'offline' | 'gone';
export type Answer<T> = { ok: true; value: T } | { ok: false; refusal: { code: string; message: string; retryable: boolean } };

/** What the staff pages need from the connection of a page. */
export type Call = <N extends DoorName>(door: N, input: DoorInput<N>) => Promise<Answer<DoorOutput<N>>>;
