import {
  DisconnectReason,
  LogLevel,
  Room,
  RoomEvent,
  setLogLevel,
  Track,
  type RemoteParticipant,
} from 'livekit-client';
import { watchFlow } from '../flow.ts';
import type { Engine, EngineContext, Kind, SeatOf } from '../media.ts';
import { Published } from './published.ts';
import { openSealing, type Sealing } from './sealing.ts';
import { withoutStun } from './withoutStun.ts';

setLogLevel(LogLevel.silent); // what is said of a call belongs on no console

/** In the same seat; after that a new one is taken, which also works where the media server has begun anew. */
const triesForMs = 6000;
const tryEveryMs = 700;
const connectsWithinMs = 8000;

export { prepareSealing } from './sealing.ts';

/** The media server stands in the middle: this browser speaks with it alone. */
export const livekitEngine = (seat: SeatOf<'livekit'>, context: EngineContext): Engine =>
  new LivekitEngine(seat, context);

class LivekitEngine implements Engine {
  #seat: SeatOf<'livekit'>;
  #context: EngineContext;
  #sealing: Sealing | null;
  #room: Room;
  #published: Published;
  #epoch: number;
  #blank = false;
  #left = false;
  #signalLost = false;
  #endFlow = () => {};

  constructor(seat: SeatOf<'livekit'>, context: EngineContext) {
    this.#seat = seat;
    this.#context = context;
    this.#epoch = seat.epoch;
    this.#sealing = seat.encrypted ? openSealing(() => this.#tellState('unsealed')) : null;
    this.#room = new Room({
      ...(this.#sealing ? { encryption: { keyProvider: this.#sealing.keys, worker: this.#sealing.worker } } : {}),
      // pictures are shown by the page's own elements, which it cannot see; size follows the line by the layers
      adaptiveStream: false,
      dynacast: true,
      stopLocalTrackOnUnpublish: false,
      disconnectOnPageLeave: false, // the call does, whatever carries it
      reconnectPolicy: {
        nextRetryDelayInMs: ({ retryCount, elapsedMs }) =>
          elapsedMs > triesForMs ? null : retryCount === 0 ? 0 : tryEveryMs,
      },
    });
    withoutStun(this.#room);
    this.#published = new Published(this.#room);
  }

  async join(): Promise<void> {
    this.#listen();
    if (this.#sealing) await this.#seal(this.#sealing);
    const url = location.origin.replace(/^http/, 'ws') + this.#seat.path;
    await this.#room.connect(url, this.#seat.token, { maxRetries: 0, peerConnectionTimeout: connectsWithinMs });
    if (this.#left) return void this.#room.disconnect(false);
    this.#endFlow = watchFlow({
      stats: () => this.stats(),
      // with signalling alive, silence is that of another one whose line is cut
      heard: () => this.#signalLost && this.#parties().some((p) => p.sound !== null && !p.muted),
      flows: (is) => this.#tellState(is ? 'in' : 'reconnecting'),
      quality: (is) => this.#context.tell.quality(is),
    });
    this.#tellState('in');
    this.#tellParties();
    await this.#published.joined();
  }

  send = (kind: Kind, track: MediaStreamTrack | null): Promise<void> => this.#published.send(kind, track);
  mute = (is: boolean): void => this.#published.mute(is);

  blank(is: boolean): void {
    this.#blank = is;
    for (const party of this.#room.remoteParticipants.values())
      party.getTrackPublication(Track.Source.Camera)?.setEnabled(!is);
    this.#tellParties();
  }

  epoch(now: number): void {
    if (now === this.#epoch) return;
    this.#epoch = now;
    if (this.#sealing) void this.#useKey(this.#sealing).catch(() => this.#tellState('gone'));
  }

  async stats(): Promise<RTCStatsReport[]> {
    const { publisher, subscriber } = this.#room.engine.pcManager ?? {};
    const reports = await Promise.all([publisher?.getStats(), subscriber?.getStats()]);
    return reports.filter((report) => report !== undefined);
  }

  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#endFlow();
    this.#room.removeAllListeners();
    void this.#room.disconnect(false).finally(() => this.#sealing?.end());
  }

  async #seal(sealing: Sealing): Promise<void> {
    try {
      await sealing.ready;
    } catch (error) {
      this.#tellState('unsealed');
      throw error;
    }
    await this.#useKey(sealing);
    await this.#room.setE2EEEnabled(true);
  }

  /** @throws when there is none to be had now: nothing is sent that the others could not open, or that is not sealed. */
  async #useKey({ keys }: Sealing): Promise<void> {
    const epoch = this.#epoch;
    const key = await this.#context.keys.media(epoch, this.#seat.generation);
    if (!(key instanceof CryptoKey)) throw new Error('there is no key for this room now');
    keys.use(key, epoch);
  }

  #listen(): void {
    const changed = [
      RoomEvent.ParticipantConnected,
      RoomEvent.ParticipantDisconnected,
      RoomEvent.TrackSubscribed,
      RoomEvent.TrackUnsubscribed,
      RoomEvent.TrackUnpublished,
      RoomEvent.TrackMuted,
      RoomEvent.TrackUnmuted,
      RoomEvent.ActiveSpeakersChanged,
    ] as const;
    for (const event of changed) this.#room.on(event, () => this.#tellParties());
    this.#room
      // what is sent is named while the way is still being found, not after
      .on(RoomEvent.SignalConnected, () => void this.#published.joined())
      .on(RoomEvent.TrackSubscribed, (_track, publication) => {
        if (publication.source === Track.Source.Camera && this.#blank) publication.setEnabled(false);
      })
      .on(RoomEvent.SignalReconnecting, () => (this.#signalLost = true))
      .on(RoomEvent.Reconnecting, () => this.#tellState('reconnecting'))
      .on(RoomEvent.Reconnected, () => {
        this.#signalLost = false;
        this.#tellState('in');
      })
      .on(RoomEvent.Disconnected, (why) => {
        const taken = why === DisconnectReason.PARTICIPANT_REMOVED || why === DisconnectReason.DUPLICATE_IDENTITY;
        this.#tellState(taken ? 'taken' : 'gone');
      });
  }

  #tellState(state: Parameters<EngineContext['tell']['state']>[0]): void {
    if (!this.#left) this.#context.tell.state(state);
  }

  #tellParties(): void {
    if (!this.#left) this.#context.tell.parties(this.#parties());
  }

  /** A join that has replaced another one of the same person comes after it. */
  #parties() {
    const parties = [...this.#room.remoteParticipants.values()].map((p) => this.#partyOf(p));
    return [...new Map(parties.map((p) => [p.id, p])).values()];
  }

  #partyOf(one: RemoteParticipant) {
    const sound = one.getTrackPublication(Track.Source.Microphone);
    const camera = one.getTrackPublication(Track.Source.Camera);
    const shown = camera && !camera.isMuted && !this.#blank;
    return {
      id: one.identity.split('.')[0] ?? '',
      sound: sound?.track?.mediaStreamTrack ?? null,
      picture: (shown && camera.track?.mediaStreamTrack) || null,
      muted: sound?.isMuted ?? false,
      speaking: one.isSpeaking,
    };
  }
}
