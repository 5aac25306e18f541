import {
  AudioPresets,
  LocalAudioTrack,
  LocalVideoTrack,
  type LocalTrack,
  Track,
  VideoPresets,
  type Room,
  type TrackPublishOptions,
} from 'livekit-client';
import type { Kind } from '../media.ts';

const how: Record<Kind, TrackPublishOptions> = {
  sound: { source: Track.Source.Microphone, dtx: true, red: true, audioPreset: AudioPresets.speech },
  // small layers beside the large one: whoever has a narrow line gets one of them
  picture: {
    source: Track.Source.Camera,
    simulcast: true,
    videoCodec: 'vp8',
    videoEncoding: { maxBitrate: 1_200_000, maxFramerate: 24 },
    videoSimulcastLayers: [VideoPresets.h180, VideoPresets.h360],
    degradationPreference: 'maintain-framerate',
  },
};

/** What this page sends into a room: one track of each kind or none, as last wished, one change after the other. */
export class Published {
  #room: Room;
  #wished: Record<Kind, MediaStreamTrack | null> = { sound: null, picture: null };
  #muted = false;
  #joined = false;
  #work: Promise<void> = Promise.resolve();

  constructor(room: Room) {
    this.#room = room;
  }

  joined(): Promise<void> {
    this.#joined = true;
    void this.send('sound', this.#wished.sound);
    return this.send('picture', this.#wished.picture);
  }

  send(kind: Kind, track: MediaStreamTrack | null): Promise<void> {
    this.#wished[kind] = track;
    return this.#then(() => this.#bring(kind));
  }

  mute(is: boolean): void {
    this.#muted = is;
    void this.#then(() => this.#sayMuted());
  }

  #then(change: () => Promise<void>): Promise<void> {
    // a change that fails leaves what was; a connection that is gone takes all of it anew
    this.#work = this.#work.then(() => (this.#joined ? change() : undefined)).catch(() => {});
    return this.#work;
  }

  async #bring(kind: Kind): Promise<void> {
    const me = this.#room.localParticipant;
    const track = this.#wished[kind];
    const now = me.getTrackPublication(how[kind].source ?? Track.Source.Unknown)?.track;
    if (now?.mediaStreamTrack === track || (!now && !track)) return;
    if (!track) return void (now && (await me.unpublishTrack(now, false)));
    if (!now) return this.#publish(kind, track);
    await now.replaceTrack(track, true);
    if (kind === 'sound') await this.#sayMuted();
    else await now.unmute(); // its end had muted it
  }

  async #publish(kind: Kind, track: MediaStreamTrack): Promise<void> {
    const me = this.#room.localParticipant;
    if (kind === 'picture')
      return void (await me.publishTrack(new LocalVideoTrack(track, undefined, true), how.picture));
    const sound = new LocalAudioTrack(track, undefined, true);
    if (this.#muted) await sound.mute();
    await me.publishTrack(sound as LocalTrack, how.sound); // its own types say so with looser options than ours
  }

  async #sayMuted(): Promise<void> {
    const sound = this.#room.localParticipant.getTrackPublication(Track.Source.Microphone)?.track;
    await (this.#muted ? sound?.mute() : sound?.unmute());
  }
}
