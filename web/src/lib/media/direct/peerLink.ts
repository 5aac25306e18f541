import type { DirectSignal } from '@hearthline/shared/contracts/media';
import type { Kind } from '../media.ts';

type Candidate = Extract<DirectSignal, { kind: 'candidate' }>;
type Description = Extract<DirectSignal, { kind: 'description' }>;
type Tell = {
  signal(signal: DirectSignal): void;
  /** Tracks or connection have changed. */
  changed(): void;
  /** It will not come back by itself. */
  lost(): void;
};
const kinds = ['sound', 'picture'] as const;
const media = { sound: 'audio', picture: 'video' } as const;
/** ICE has started anew by then, on both sides. */
const givenUpMs = 8000;
/** Where no way is found at all, as without the relay, browsers say so late or never. */
const connectsWithinMs = 12_000;

/**
 * The connection to one other browser by perfect negotiation (WebRTC 1.0, 10.7): the polite side gives way when both offer at
 * once. Both places for tracks are there from the beginning, so that a camera comes and goes without negotiating.
 */
export class PeerLink {
  muted = false;
  camera = false;
  readonly pc: RTCPeerConnection;
  #polite: boolean;
  #tell: Tell;
  #own: Record<Kind, MediaStreamTrack | null>;
  #blank: boolean;
  #places: Partial<Record<Kind, RTCRtpTransceiver>> = {};
  #offering = false;
  #ignoring = false;
  #work: Promise<void> = Promise.resolve();
  #givingUp: ReturnType<typeof setTimeout> | undefined;

  constructor(
    config: RTCConfiguration,
    {
      polite,
      own,
      blank,
      tell,
    }: { polite: boolean; own: Record<Kind, MediaStreamTrack | null>; blank: boolean; tell: Tell },
  ) {
    this.#polite = polite;
    this.#tell = tell;
    this.#own = { ...own };
    this.#blank = blank;
    this.pc = new RTCPeerConnection(config);
    this.pc.addEventListener('negotiationneeded', () => this.#then(() => this.#offer()));
    this.pc.addEventListener('icecandidate', ({ candidate }) => candidate && tell.signal(asSignal(candidate)));
    this.pc.addEventListener('track', () => this.#then(() => this.#adopt()));
    this.pc.addEventListener('connectionstatechange', () => this.#connection());
    this.#givingUp = setTimeout(tell.lost, connectsWithinMs);
    if (!polite) for (const kind of kinds) this.#places[kind] = this.#place(kind);
  }

  send(kind: Kind, track: MediaStreamTrack | null): void {
    this.#own[kind] = track;
    this.#then(async () => this.#places[kind]?.sender.replaceTrack(track));
  }

  blank(is: boolean): void {
    this.#blank = is;
    if (this.#places.picture) this.#places.picture.direction = this.#directionOf('picture');
  }

  track(kind: Kind): MediaStreamTrack | null {
    if (kind === 'picture' && (!this.camera || this.#blank)) return null;
    return this.#places[kind]?.receiver.track ?? null;
  }

  /** 0 to 1, of the last sound that came. */
  loudness = (): number => this.#places.sound?.receiver.getSynchronizationSources()[0]?.audioLevel ?? 0;

  /** What the other browser says; nonsense changes nothing. */
  hear(signal: Description | Candidate): void {
    this.#then(() => (signal.kind === 'description' ? this.#described(signal) : this.#found(signal)));
  }

  close(): void {
    clearTimeout(this.#givingUp);
    this.pc.close();
  }

  /** One step of negotiation after the other; one that fails leaves the connection as it was. */
  #then(step: () => Promise<void>): void {
    this.#work = this.#work.then(() => (this.pc.signalingState === 'closed' ? undefined : step())).catch(() => {});
  }

  async #offer(): Promise<void> {
    // the polite side has nothing to offer before it has been offered the places
    if (this.pc.signalingState !== 'stable' || (this.#polite && !this.#places.sound)) return;
    await this.#describe();
  }

  async #describe(): Promise<void> {
    this.#offering = true;
    try {
      await this.pc.setLocalDescription();
      const said = this.pc.localDescription;
      if (said) this.#tell.signal({ kind: 'description', type: said.type, sdp: said.sdp });
    } finally {
      this.#offering = false;
    }
  }

  async #described({ type, sdp }: Description): Promise<void> {
    const collision = type === 'offer' && (this.#offering || this.pc.signalingState !== 'stable');
    this.#ignoring = !this.#polite && collision;
    if (this.#ignoring) return;
    await this.pc.setRemoteDescription({ type, sdp });
    if (type !== 'offer') return;
    await this.#adopt();
    await this.#describe();
  }

  async #found({ candidate, sdpMid, sdpMLineIndex, usernameFragment }: Candidate): Promise<void> {
    try {
      await this.pc.addIceCandidate({ candidate, sdpMid, sdpMLineIndex, usernameFragment });
    } catch (error) {
      if (!this.#ignoring) throw error;
    }
  }

  #place(kind: Kind): RTCRtpTransceiver {
    const place = this.pc.addTransceiver(media[kind], { direction: this.#directionOf(kind) });
    void place.sender.replaceTrack(this.#own[kind]);
    return place;
  }

  /** The polite side takes the places that were offered, once. */
  async #adopt(): Promise<void> {
    for (const kind of kinds) {
      const place = this.pc.getTransceivers().find((t) => t.receiver.track.kind === media[kind]);
      if (!place || this.#places[kind]) continue;
      this.#places[kind] = place;
      place.direction = this.#directionOf(kind);
      await place.sender.replaceTrack(this.#own[kind]);
    }
    this.#tell.changed();
  }

  #directionOf = (kind: Kind): RTCRtpTransceiverDirection =>
    kind === 'picture' && this.#blank ? 'sendonly' : 'sendrecv';

  #connection(): void {
    const state = this.pc.connectionState;
    if (state === 'failed') this.pc.restartIce();
    if (state === 'connected' || state === 'closed') {
      clearTimeout(this.#givingUp);
      this.#givingUp = undefined;
    } else if (state === 'failed' || state === 'disconnected') {
      this.#givingUp ??= setTimeout(() => this.#tell.lost(), givenUpMs);
    }
    this.#tell.changed();
  }
}

const asSignal = (c: RTCIceCandidate): Candidate => ({
  kind: 'candidate',
  candidate: c.candidate,
  sdpMid: c.sdpMid,
  sdpMLineIndex: c.sdpMLineIndex,
  usernameFragment: c.usernameFragment,
});
