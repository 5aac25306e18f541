import type { Guarded } from './guarded.mjs';

export interface PrivatePostgres {
  /** The address of `database`, for `pg`. */
  readonly url: string;
  urlFor(database: string): string;
  readonly process: Guarded;
  readonly exited: Promise<unknown>;
  log(): string;
  stop(): Promise<void>;
}
export function startPostgres(options: {
  data: string;
  settings?: Record<string, string>;
  database?: string;
}): Promise<PrivatePostgres>;
