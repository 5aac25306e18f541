import type { TalkChannel } from '@hearthline/shared/contracts/ids';
import type { MediaSeat, MediaState } from '@hearthline/shared/contracts/media';
import type { Connection } from '#lib/realtime/connection.svelte.ts';

/** Why sound or picture cannot be had from this device; the page says the way out. */
export type DeviceProblem =
  /** The browser or the person keeps it closed. */
  | 'denied'
  | 'none'
  /** Another program holds it, or the system refuses. */
  | 'busy'
  /** Not a secure page, or a browser without it. */
  | 'unsupported';

export type Quality = 'good' | 'fair' | 'poor' | 'lost' | 'unknown';

/** Somebody else in the call, as this page hears and sees them now. */
export type CallParty = {
  /** Party id of the conversation. */
  id: string;
  sound: MediaStreamTrack | null;
  picture: MediaStreamTrack | null;
  muted: boolean;
  speaking: boolean;
  /** 0 to 1, on this page only. */
  volume: number;
};

/**
 * ready: the call is there, this page is not in it (a press is needed, which takes it over from another page); joining: on the way; in: heard and hearing;
 * reconnecting: the connection dropped, it is being tried again; dropped: that has taken 5 s, so text is offered, and it is
 * still being tried; away: this person went on in text, the call waits; refused: it cannot be had (`problem` or `refusal`).
 */
export type CallStage = 'none' | 'ready' | 'joining' | 'in' | 'reconnecting' | 'dropped' | 'away' | 'refused';

/** What a page knows of the call of its conversation from the server's view. */
export type CallFacts = {
  conversationId: string;
  me: string;
  epoch: number;
  channel: TalkChannel | 'phone';
  state: MediaState;
  exposesAddress: boolean;
  room: { generation: number; encrypted: boolean; openedAt: string } | null;
};

/** What an engine tells; everything else of it stays in its file. */
export type EngineEvents = {
  parties(parties: readonly Omit<CallParty, 'volume'>[]): void;
  /**
   * gone: this connection will not come back by itself, so the call takes a new seat; taken: the same person has joined from
   * another page, so this one steps back; unsealed: sealing broke in this browser, so the call takes a seat without.
   */
  state(state: 'in' | 'reconnecting' | 'gone' | 'taken' | 'unsealed'): void;
  /** Of this page's own connection, about once a second. */
  quality(mine: Quality): void;
};
export type Kind = 'sound' | 'picture';

/**
 * Carries sound and picture to and from the others. Nothing outside `lib/media` knows which one runs. Tracks belong to the call:
 * an engine never stops one.
 */
export interface Engine {
  /** @throws when it cannot be joined; the engine is of no use then. */
  join(): Promise<void>;
  /** Sends this track from now on, in place of the one before; null: none. Before `join` it is only noted. */
  send(kind: Kind, track: MediaStreamTrack | null): Promise<void>;
  /** Tells the others; the track itself is silenced by the call. */
  mute(is: boolean): void;
  /** Asks the others' pictures not to be sent here. */
  blank(is: boolean): void;
  /** A new epoch: everybody's key changes (nothing to do where the browsers seal among themselves). */
  epoch(now: number): void;
  /** Counters of all connections, as getStats() gives them. */
  stats(): Promise<RTCStatsReport[]>;
  /** At once, as far as the others are concerned: a page that goes away cannot wait. */
  leave(): void;
}
/** Key material of the conversation, as `EpochKeys` gives it. */
export interface MediaKeys {
  /** @returns null when it may be had later, 'never' when it is refused for good. */
  media(epoch: number, generation: number): Promise<CryptoKey | null | 'never'>;
}
export type EngineContext = {
  connection: Connection;
  keys: MediaKeys;
  conversationId: string;
  me: string;
  tell: EngineEvents;
};
export type SeatOf<E extends MediaSeat['engine']> = Extract<MediaSeat, { engine: E }>;

/**
 * What screens know of a call. Implemented in `call.svelte.ts` with runes; every field is reactive. Sound plays by itself, so
 * screens only show. A page makes one `new Call(connection, conversation.keys, devices)` a conversation, tells it each view by
 * `update`, and `close`s it. It imports the class dynamically, when there is a call: a chat never loads it. Consenting presses
 * (accepting a call, answering a proposal with yes) also call `join()`; see there for what joins without one.
 */
export interface CallFace {
  readonly stage: CallStage;
  /** Server's refusal in its own sentence, while `stage` is refused, or dropped because calls do not work right now. */
  readonly refusal: string | null;
  /** With kind sound and stage refused: the call waits for `join()`; with picture: it goes on without. */
  readonly problem: { kind: Kind; why: DeviceProblem } | null;
  readonly parties: readonly CallParty[];
  readonly muted: boolean;
  readonly cameraOn: boolean;
  readonly ownPicture: MediaStreamTrack | null;
  readonly speaking: boolean;
  readonly quality: Quality;
  /** Sound and picture are sealed in the browsers; null before this page has joined. */
  readonly encrypted: boolean | null;
  readonly soundBlocked: boolean;
  /** The line was too narrow for pictures: none is sent or fetched until it is better. The camera's choice stays. */
  readonly narrow: boolean;
  readonly blanked: boolean;
  /** The system took the microphone away for now (a phone call): the others hear nothing. */
  readonly interrupted: boolean;
  /** A newer view of the conversation: joins, moves to the next room, or leaves. */
  update(facts: CallFacts): void;
  /**
   * A press: asks for the microphone and joins; the page has warned before where `exposesAddress`. Without a press
   * a page joins where the browser gives the microphone without asking, no address becomes visible, no other page of this
   * browser has the call (`callLock.ts`), and this tab has not gone on in text; so after a reload, and when the call opens after
   * a check while waiting. Everything else is stage `ready`.
   */
  join(): Promise<void>;
  /** This person only: the call waits, the text goes on, also after a reload. `join()` comes back. */
  goOnInText(): void;
  mute(is: boolean): void;
  camera(on: boolean): Promise<void>;
  blank(is: boolean): void;
  volume(partyId: string, to: number): void;
  microphone(deviceId: string): Promise<void>;
  cameraDevice(deviceId: string): Promise<void>;
  speaker(deviceId: string): Promise<void>;
  allowSound(): Promise<void>;
  close(): void;
}

/** Microphones, cameras and speakers of this device, and the check before a call. Nothing leaves the page. */
export interface DevicesFace {
  readonly microphones: readonly { id: string; name: string }[];
  readonly cameras: readonly { id: string; name: string }[];
  /** Empty where the browser cannot choose. */
  readonly speakers: readonly { id: string; name: string }[];
  readonly chosen: { microphone: string; camera: string; speaker: string };
  /** Of the open microphone, 0 to 1, ten times a second while a check runs. */
  readonly level: number;
  readonly preview: MediaStreamTrack | null;
  readonly problem: { kind: Kind; why: DeviceProblem } | null;
  /** Opens the microphone for a look at its level; a camera only when asked for by `look`. */
  check(): Promise<void>;
  look(on: boolean): Promise<void>;
  /** Plays two soft tones through the chosen speaker. */
  testSpeaker(): Promise<void>;
  choose(kind: 'microphone' | 'camera' | 'speaker', id: string): Promise<void>;
  /** Ends what the check has opened; the choices stay, in this page's memory. */
  stop(): void;
}
