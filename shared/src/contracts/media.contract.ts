import * as z from 'zod/mini';
import { Epoch, Id } from './ids.ts';

/** Which program carries sound and picture. `off`: this line talks in text; `down`: calls are offered but cannot be had now. */
export const MediaState = z.enum(['livekit', 'direct', 'off', 'down']);
export type MediaState = z.infer<typeof MediaState>;

/** What a page knows about calls before it joins one. */
export const Calls = z.strictObject({
  state: MediaState,
  /** Browser to browser without a relay: each side can learn the other's network address, so pages warn first (V4). */
  exposesAddress: z.boolean(),
});
export type Calls = z.infer<typeof Calls>;

/** Counts the rooms of one conversation from 1: each removal, hand-over or loss of the media server is a new one. */
export const Generation = z.int().check(z.gte(1), z.lte(1_000_000));

/** `canEncrypt`: this browser can seal sound and picture before they leave it. Where one cannot, the room is a new one without. */
export const JoinMedia = z.strictObject({ conversationId: Id, canEncrypt: z.boolean() });
export type JoinMedia = z.infer<typeof JoinMedia>;

const Address = z.string().check(z.maxLength(300));
export const IceServer = z.strictObject({
  urls: z.array(Address),
  username: z.optional(z.string()),
  credential: z.optional(z.string()),
});

const seat = { generation: Generation, epoch: Epoch, encrypted: z.boolean() };
export type IceServer = z.infer<typeof IceServer>;

/** Made anew with each join, in direct mode; a party's last one is the one that counts. */
const Session = z.string().check(z.regex(/^[\w-]{12}$/));

/** A place in the room of a conversation, for this one join. */
export const MediaSeat = z.discriminatedUnion('engine', [
  z.strictObject({
    ...seat,
    engine: z.literal('livekit'),
    /** Path on our own origin under which the media server's signalling answers. */
    path: z.string(),
    /** Good for one minute, for this room and this identity only. */
    token: z.string(),
  }),
  z.strictObject({
    ...seat,
    engine: z.literal('direct'),
    session: Session,
    /** Everybody else who may be in it, by party id. Whoever has the lower id of two is the polite one. */
    others: z.array(Id),
    iceServers: z.array(IceServer),
    relayOnly: z.boolean(),
  }),
]);
export type MediaSeat = z.infer<typeof MediaSeat>;

/** What two browsers say to each other to find a way, in direct mode. */
export const DirectSignal = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hello') }),
  z.strictObject({ kind: z.literal('bye') }),
  z.strictObject({
    kind: z.literal('description'),
    type: z.enum(['offer', 'answer', 'rollback', 'pranswer']),
    sdp: z.string().check(z.maxLength(24_000)),
  }),
  z.strictObject({
    kind: z.literal('candidate'),
    candidate: z.string().check(z.maxLength(1000)),
    sdpMid: z.nullable(z.string().check(z.maxLength(64))),
    sdpMLineIndex: z.nullable(z.int().check(z.gte(0), z.lte(100))),
    usernameFragment: z.nullable(z.string().check(z.maxLength(256))),
  }),
  /** What the other one should know of us: shown, never trusted. */
  z.strictObject({ kind: z.literal('state'), muted: z.boolean(), camera: z.boolean() }),
]);
export type DirectSignal = z.infer<typeof DirectSignal>;

const signal = {
  conversationId: Id,
  generation: Generation,
  /** The join that says it. Of one that another has followed it is refused (`media.taken`). */
  session: Session,
  /** The join of theirs that it is for; null: whichever there is. */
  toSession: z.nullable(Session),
  signal: DirectSignal,
};
export const SendSignal = z.strictObject({ ...signal, to: Id });
export type SendSignal = z.infer<typeof SendSignal>;
export const MediaSignal = z.strictObject({ ...signal, from: Id });
export type MediaSignal = z.infer<typeof MediaSignal>;

/** A party has joined: their pages that joined before ask whether it is still theirs. */
export const MediaTaken = z.strictObject({ conversationId: Id, session: Session });
export type MediaTaken = z.infer<typeof MediaTaken>;
