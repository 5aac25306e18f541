import type { MeansKind } from '@hearthline/shared/contracts/escalation';
import type { Config } from '../config.ts';
import type { Deps } from '../deps.ts';

/** One attempt to be handed to a provider. Its id is the attempt key: nothing is ever handed over twice under one. */
export type PageToSend = {
  id: string;
  kind: MeansKind;
  staffId: string;
  /** As `AddMeans` took it. */
  address: unknown;
  /** The line's short name. */
  line: string;
  /** "Ring me now", with the code that proves that it arrived; null: somebody is needed. */
  testCode: string | null;
};

/**
 * noPage: no open page; gone: the provider does not know the address any more; refused: it said no; unreachable: it could not be
 * asked; late: no answer in time; private: an address inside a network; notOffered: not set up; removed: taken away meanwhile;
 * notNeeded: somebody has it, or it was taken back; undelivered: taken, and then reported as not arrived; broken: a fault of ours.
 */
export type FailureCode =
  | 'noPage'
  | 'gone'
  | 'refused'
  | 'unreachable'
  | 'late'
  | 'private'
  | 'notOffered'
  | 'removed'
  | 'notNeeded'
  | 'undelivered'
  | 'broken';
export type Handed = { state: 'sent'; providerId?: string } | { state: 'failed'; why: FailureCode };

/** One way to reach somebody. `send` ends by itself when the signal says so; the sender does not wait longer in any case. */
export type Means = {
  kind: MeansKind;
  offered(config: Config): boolean;
  send(page: PageToSend, deps: Deps, signal: AbortSignal): Promise<Handed>;
};

export const failed = (why: FailureCode): Handed => ({ state: 'failed', why });
