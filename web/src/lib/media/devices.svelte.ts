import { problemOf } from './deviceProblem.ts';
import type { DeviceProblem, DevicesFace, Kind } from './media.ts';
import { watchLevel } from './soundLevel.ts';
import { playTones } from './testTones.ts';

type Device = { id: string; name: string };
type Problem = { kind: Kind; why: DeviceProblem };
const wanted = { microphone: 'audioinput', camera: 'videoinput', speaker: 'audiooutput' } as const;
const sound = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const picture = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 24, max: 30 },
  facingMode: 'user',
};

/** One a page: the check before a call and the calls share its choices, which live in this page's memory only. */
export class Devices implements DevicesFace {
  microphones = $state.raw<readonly Device[]>([]);
  cameras = $state.raw<readonly Device[]>([]);
  speakers = $state.raw<readonly Device[]>([]);
  chosen = $state.raw({ microphone: '', camera: '', speaker: '' });
  level = $state(0);
  preview = $state.raw<MediaStreamTrack | null>(null);
  problem = $state.raw<Problem | null>(null);
  #checked: MediaStreamTrack | null = null;
  #endLevel = () => {};
  #checks = 0;
  #off: () => void;

  constructor() {
    this.#off = this.onChange(() => void this.list());
  }

  /** A track of the chosen device, or of the usual one where that is gone. The caller stops it. */
  async open(kind: Kind): Promise<MediaStreamTrack | DeviceProblem> {
    if (!navigator.mediaDevices) return 'unsupported';
    const id = kind === 'sound' ? this.chosen.microphone : this.chosen.camera;
    const which = { ...(kind === 'sound' ? sound : picture), ...(id === '' ? {} : { deviceId: { ideal: id } }) };
    try {
      const stream = await navigator.mediaDevices.getUserMedia(kind === 'sound' ? { audio: which } : { video: which });
      void this.list(); // names are told once something is open
      return stream.getTracks()[0] ?? 'none';
    } catch (error) {
      return problemOf(error);
    }
  }

  /** The browser gives the microphone without asking. */
  async microphoneGranted(): Promise<boolean> {
    try {
      return (await navigator.permissions.query({ name: 'microphone' as PermissionName })).state === 'granted';
    } catch {
      return false; // a browser that does not say: it will ask
    }
  }

  /** Told after something was plugged in or out. @returns a function that ends it */
  onChange(tell: () => void): () => void {
    navigator.mediaDevices?.addEventListener('devicechange', tell);
    return () => navigator.mediaDevices?.removeEventListener('devicechange', tell);
  }

  async list(): Promise<void> {
    const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    const of = (kind: keyof typeof wanted): Device[] =>
      all
        .filter((d) => d.kind === wanted[kind] && d.deviceId !== '' && d.label !== '')
        .map((d) => ({ id: d.deviceId, name: d.label }));
    this.microphones = of('microphone');
    this.cameras = of('camera');
    this.speakers = 'setSinkId' in HTMLMediaElement.prototype ? of('speaker') : [];
  }

  async check(): Promise<void> {
    const turn = ++this.#checks;
    this.#endCheck();
    const track = await this.open('sound');
    if (typeof track === 'string') return void (this.problem = { kind: 'sound', why: track });
    if (turn !== this.#checks) return track.stop(); // stopped or asked again meanwhile
    if (this.problem?.kind === 'sound') this.problem = null;
    this.#checked = track;
    this.#endLevel = watchLevel(track, (level) => (this.level = level));
    track.addEventListener('ended', () => {
      if (this.#checked === track) void this.check();
    });
  }

  async look(on: boolean): Promise<void> {
    this.preview?.stop();
    this.preview = null;
    if (!on) return;
    const turn = this.#checks;
    const track = await this.open('picture');
    if (typeof track === 'string') return void (this.problem = { kind: 'picture', why: track });
    if (turn !== this.#checks || this.preview) return track.stop();
    if (this.problem?.kind === 'picture') this.problem = null;
    this.preview = track;
    track.addEventListener('ended', () => {
      if (this.preview === track) this.preview = null;
    });
  }

  testSpeaker = (): Promise<void> => playTones(this.chosen.speaker);

  async choose(kind: 'microphone' | 'camera' | 'speaker', id: string): Promise<void> {
    this.chosen = { ...this.chosen, [kind]: id };
    if (kind === 'microphone' && this.#checked) await this.check();
    if (kind === 'camera' && this.preview) await this.look(true);
  }

  stop(): void {
    this.#checks += 1;
    this.#endCheck();
    this.preview?.stop();
    this.preview = null;
  }

  /** The page goes; nothing of it listens any more. */
  close(): void {
    this.stop();
    this.#off();
  }

  #endCheck(): void {
    this.#endLevel();
    this.#endLevel = () => {};
    this.#checked?.stop();
    this.#checked = null;
    this.level = 0;
  }
}
