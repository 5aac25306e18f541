import type { Guarded } from './guarded.mjs';

export interface PrivateRedis {
  /** The path of its socket, which ioredis takes as an address. */
  readonly url: string;
  readonly process: Guarded;
  readonly exited: Promise<unknown>;
  log(): string;
  stop(): Promise<void>;
}
export function startRedis(options: {
  data: string;
  tools: string;
  say?: (text: string) => void;
  flags?: string[];
}): Promise<PrivateRedis>;
