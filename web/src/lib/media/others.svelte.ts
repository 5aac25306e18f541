import type { CallParty, EngineEvents } from './media.ts';
import { RemoteSound } from './remoteSound.ts';

/** The others as this page shows them, and as loud as it plays them. */
export class Others {
  parties = $state.raw<readonly CallParty[]>([]);
  soundBlocked = $state(false);
  #sound = new RemoteSound((is) => (this.soundBlocked = is));

  heard(parties: Parameters<EngineEvents['parties']>[0]): void {
    this.parties = parties.map((p) => ({ ...p, volume: this.#sound.volumeOf(p.id) }));
    this.#sound.play(new Map(parties.flatMap((p) => (p.sound ? [[p.id, p.sound] as const] : []))));
  }

  volume(partyId: string, to: number): void {
    this.#sound.volume(partyId, to);
    this.parties = this.parties.map((p) => (p.id === partyId ? { ...p, volume: to } : p));
  }

  speaker = (deviceId: string): Promise<void> => this.#sound.speaker(deviceId);
  allowSound = (): Promise<void> => this.#sound.allow();
}
