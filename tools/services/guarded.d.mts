import type { Readable } from 'node:stream';

export interface Guarded {
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<{ code: number | null; error?: Error }>;
  /** The program's own pid (not the guard's); 0 until it has started. */
  readonly pid: number;
  readonly running: boolean;
  kill(signal: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
}
export function guarded(
  command: string,
  args: string[],
  options?: {
    env?: NodeJS.ProcessEnv;
    cwd?: string;
    uid?: number;
    gid?: number;
    signal?: 'TERM' | 'INT';
    graceMs?: number;
  },
): Guarded;
