import type { DirectSignal } from '@hearthline/shared/contracts/media';
import { watchFlow } from '../flow.ts';
import type { Engine, EngineContext, Kind, SeatOf } from '../media.ts';
import { PeerLink } from './peerLink.ts';
import { Signals } from './signals.ts';

const loudEveryMs = 250;
const speaksAbove = 0.03;
const greetAgainMs = 2000;

/** Browser to browser, one connection to each of up to two others, told to each other over our own socket. */
export const directEngine = (seat: SeatOf<'direct'>, context: EngineContext): Engine => new DirectEngine(seat, context);

class DirectEngine implements Engine {
  #seat: SeatOf<'direct'>;
  #me: string;
  #connection: EngineContext['connection'];
  #tell: EngineContext['tell'];
  #signals: Signals;
  /** By party; `session` is that of their join. */
  #links = new Map<string, { session: string; link: PeerLink; speaking: boolean; greetedAt: number }>();
  #own: Record<Kind, MediaStreamTrack | null> = { sound: null, picture: null };
  #muted = false;
  #blank = false;
  #left = false;
  #ends: (() => void)[] = [];

  constructor(seat: SeatOf<'direct'>, { connection, conversationId, me, tell }: EngineContext) {
    this.#seat = seat;
    this.#me = me;
    this.#connection = connection;
    this.#tell = tell;
    const { generation, session } = seat;
    this.#signals = new Signals(
      connection,
      { conversationId, generation, session },
      {
        signal: (...heard) => this.#hear(...heard),
        doubt: () => this.#sayThere(),
        taken: () => this.#left || tell.state('taken'),
      },
    );
  }

  async join(): Promise<void> {
    this.#greet();
    this.#tell.state('in');
    const loud = setInterval(() => this.#listen(), loudEveryMs);
    this.#ends.push(
      () => clearInterval(loud),
      this.#connection.on('connect', () => this.#sayThere()), // what was said meanwhile was not heard
      watchFlow({
        stats: () => this.stats(),
        heard: () =>
          [...this.#links.values()].some(({ link }) => !link.muted && link.pc.connectionState === 'connected'),
        flows: (is) => this.#tell.state(is || this.#links.size === 0 ? 'in' : 'reconnecting'),
        quality: (is) => this.#tell.quality(this.#links.size === 0 ? 'unknown' : is),
      }),
    );
  }

  async send(kind: Kind, track: MediaStreamTrack | null): Promise<void> {
    this.#own[kind] = track;
    for (const { link } of this.#links.values()) link.send(kind, track);
    if (kind === 'picture') this.#sayState();
  }

  mute(is: boolean): void {
    this.#muted = is;
    this.#sayState();
  }

  blank(is: boolean): void {
    this.#blank = is;
    for (const { link } of this.#links.values()) link.blank(is);
    this.#tellParties();
  }

  /** Browsers seal among themselves (DTLS-SRTP), with keys of their own. */
  epoch(): void {}

  stats = (): Promise<RTCStatsReport[]> => Promise.all(this.#connected().map((pc) => pc.getStats()));

  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#signals.close(this.#seat.others);
    for (const end of this.#ends) end();
    for (const { link } of this.#links.values()) link.close();
    this.#links.clear();
  }

  #connected = (): RTCPeerConnection[] =>
    [...this.#links.values()].map(({ link }) => link.pc).filter((pc) => pc.connectionState !== 'closed');

  #hear(from: string, session: string, signal: DirectSignal): void {
    if (this.#left || !this.#seat.others.includes(from)) return;
    const known = this.#links.get(from);
    if (signal.kind === 'hello') {
      if (known?.session !== session) this.#meet(from, session);
      else if (known.link.pc.connectionState === 'connected' || performance.now() - known.greetedAt < greetAgainMs)
        return;
      this.#answer(from);
      return;
    }
    // said by an earlier join of theirs, or to an earlier one of ours
    if (!known || known.session !== session) return;
    if (signal.kind === 'bye') this.#part(from);
    else if (signal.kind === 'state') {
      known.link.muted = signal.muted;
      known.link.camera = signal.camera;
      this.#tellParties();
    } else known.link.hear(signal);
  }

  #greet(): void {
    for (const to of this.#seat.others) if (!this.#links.has(to)) this.#signals.send(to, null, { kind: 'hello' });
  }

  /** To everybody else: that this join is there, and how. */
  #sayThere(): void {
    this.#greet();
    this.#sayState();
  }

  /** A new join of theirs hears of ours; so does one that asks again, because it may not have heard. */
  #answer(from: string): void {
    const known = this.#links.get(from);
    if (known) known.greetedAt = performance.now();
    this.#signals.send(from, known?.session ?? null, { kind: 'hello' });
    this.#sayState(from);
  }

  #meet(from: string, session: string): void {
    this.#links.get(from)?.link.close();
    const { iceServers, relayOnly } = this.#seat;
    const servers = iceServers.map(({ urls, username, credential }) => ({
      urls,
      ...(username === undefined ? {} : { username }),
      ...(credential === undefined ? {} : { credential }),
    }));
    const link = new PeerLink(
      { iceServers: servers, iceTransportPolicy: relayOnly ? 'relay' : 'all', bundlePolicy: 'max-bundle' },
      {
        polite: this.#me < from,
        own: this.#own,
        blank: this.#blank,
        tell: {
          signal: (signal) => this.#isNow(from, link) && this.#signals.send(from, session, signal),
          changed: () => this.#isNow(from, link) && this.#tellParties(),
          lost: () => this.#isNow(from, link) && this.#tell.state('gone'),
        },
      },
    );
    this.#links.set(from, { session, link, speaking: false, greetedAt: 0 });
    this.#tellParties();
  }

  #isNow = (from: string, link: PeerLink): boolean => !this.#left && this.#links.get(from)?.link === link;

  #part(from: string): void {
    this.#links.get(from)?.link.close();
    this.#links.delete(from);
    this.#tellParties();
    if (this.#links.size === 0) this.#tell.state('in'); // alone is not cut off
  }

  #sayState(to?: string): void {
    const said = { kind: 'state', muted: this.#muted, camera: this.#own.picture !== null } as const;
    for (const party of to ? [to] : this.#links.keys())
      this.#signals.send(party, this.#links.get(party)?.session ?? null, said);
  }

  #listen(): void {
    let changed = false;
    for (const known of this.#links.values()) {
      const speaking = !known.link.muted && known.link.loudness() > speaksAbove;
      changed ||= speaking !== known.speaking;
      known.speaking = speaking;
    }
    if (changed) this.#tellParties();
  }

  #tellParties(): void {
    this.#tell.parties(
      [...this.#links].map(([id, { link, speaking }]) => ({
        id,
        sound: link.track('sound'),
        picture: link.track('picture'),
        muted: link.muted,
        speaking,
      })),
    );
  }
}
