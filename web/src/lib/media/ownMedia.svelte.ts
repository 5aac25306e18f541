import type { Devices } from './devices.svelte.ts';
import type { DeviceProblem, Kind } from './media.ts';
import { watchLevel } from './soundLevel.ts';

const kinds = ['sound', 'picture'] as const;
/** Of the meter's scale: a voice, not the room. */
const speaksAbove = 0.25;

/** Microphone and camera while a call has them. What is closed is stopped, so that the browser's light goes out. */
export class OwnMedia {
  muted = $state(false);
  picture = $state.raw<MediaStreamTrack | null>(null);
  problem = $state.raw<{ kind: Kind; why: DeviceProblem } | null>(null);
  speaking = $state(false);
  /** The system holds the microphone back for now, as during a phone call. */
  interrupted = $state(false);
  sound: MediaStreamTrack | null = null;
  #devices: Devices;
  #changed: (kind: Kind, track: MediaStreamTrack | null) => void;
  #turns = { sound: 0, picture: 0 };
  #endLevel = () => {};

  /** @param changed told of another track, or of none, from now on */
  constructor(devices: Devices, changed: (kind: Kind, track: MediaStreamTrack | null) => void) {
    this.#devices = devices;
    this.#changed = changed;
  }

  mute(is: boolean): void {
    this.muted = is;
    if (this.sound) this.sound.enabled = !is;
  }

  /** Opens the chosen device, in place of what is open of its kind. @returns whether it could be had */
  async open(kind: Kind): Promise<boolean> {
    const turn = ++this.#turns[kind];
    if (kind === 'picture') this.picture?.stop(); // phones open one camera at a time
    const track = await this.#devices.open(kind);
    if (turn !== this.#turns[kind]) {
      if (typeof track !== 'string') track.stop(); // closed, or asked again, meanwhile
      return false;
    }
    this[kind]?.stop();
    if (typeof track === 'string') this.problem = { kind, why: track };
    else this.forgive(kind);
    this.#take(kind, typeof track === 'string' ? null : track);
    return this[kind] !== null;
  }

  close(kind: Kind): void {
    this.#turns[kind] += 1;
    if (!this[kind]) return;
    this[kind].stop();
    this.#take(kind, null);
  }

  closeAll(): void {
    for (const kind of kinds) this.close(kind);
  }

  /** It is being tried again, or not wanted any more: a problem of before says nothing. */
  forgive(kind: Kind): void {
    if (this.problem?.kind === kind) this.problem = null;
  }

  #take(kind: Kind, track: MediaStreamTrack | null): void {
    this[kind] = track;
    track?.addEventListener('ended', () => {
      if (this[kind] === track) void this.open(kind); // unplugged: the usual device instead, where there is one
    });
    if (kind === 'sound') this.#listen(track);
    this.#changed(kind, track);
  }

  #listen(track: MediaStreamTrack | null): void {
    this.#endLevel();
    this.#endLevel = () => {};
    this.speaking = false;
    this.interrupted = track?.muted ?? false;
    if (!track) return;
    track.enabled = !this.muted;
    this.#endLevel = watchLevel(track, (level) => (this.speaking = level > speaksAbove && !this.muted));
    const heard = () => {
      if (this.sound === track) this.interrupted = track.muted;
    };
    track.addEventListener('mute', heard);
    track.addEventListener('unmute', heard);
  }
}
