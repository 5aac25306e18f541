import type { Guarded } from './guarded.mjs';

export interface LivekitPlace {
  readonly data: string;
  readonly ip?: string;
  readonly port: number;
  readonly tcp: number;
  readonly udp: number;
  readonly url: string;
  readonly key: string;
  readonly secret: string;
}
export interface PrivateLivekit extends LivekitPlace {
  readonly process: Guarded;
  readonly exited: Promise<unknown>;
  log(): string;
  stop(): Promise<void>;
}
export function livekitPlace(options: { data: string; ip?: string }): Promise<LivekitPlace>;
export function livekitConfig(place: LivekitPlace, more: { webhook?: string }): object;
export function startLivekit(
  place: LivekitPlace,
  program: { command: string; before: string[]; image?: string },
  more?: { webhook?: string; turn?: Record<string, unknown>; tcpOnly?: boolean },
): Promise<PrivateLivekit>;
