import * as z from 'zod/mini';
import { Id, Instant, Seq, TalkChannel } from './ids.ts';
import { MediaSignal, MediaTaken } from './media.contract.ts';
import { Message } from './message.contract.ts';
import { BoardView, CallerView, ClinicianView, DeskView } from './views.contract.ts';

/** Raised when a page of an older build could not talk to this server; the page then reloads itself. */
export const protocolVersion = 1;

/** Pushed by the server. All are for speed: each can be asked for again through a door. */
export const serverEvents = {
  'caller.view': CallerView,
  /** What moves while a caller waits, without the rest of the view. `place` as told: rounded up beyond the tenth. */
  'caller.place': z.strictObject({
    now: Instant,
    requestId: Id,
    place: z.int(),
    peersOnShift: z.int(),
    taken: z.array(TalkChannel),
  }),
  'desk.view': DeskView,
  /** How many wait on a line, to its peers. */
  'line.waiting': z.strictObject({ now: Instant, lineId: Id, waiting: z.int() }),
  'clinician.view': ClinicianView,
  'board.view': BoardView,
  /** To boards, when it changes: whether anything can be saved. What a board shows while not is of before (F14). */
  'board.stored': z.strictObject({ now: Instant, stored: z.boolean() }),
  message: Message,
  marks: z.strictObject({ conversationId: Id, partyId: Id, delivered: Seq, read: Seq }),
  /** Direct mode: what the other browser says to find a way. */
  'media.signal': MediaSignal,
  /** Direct mode, to all pages of one party: one of them has joined, so an earlier one steps back. */
  'media.taken': MediaTaken,
  typing: z.strictObject({ conversationId: Id, partyId: Id }),
  /** Highest number of each live conversation of this person: a gap makes the page fetch again. */
  heartbeat: z.strictObject({ lastSeq: z.record(z.uuid(), Seq) }),
  /** The session ended (signed out, suspended, replaced by a return code): the page drops everything it shows. */
  goodbye: z.strictObject({ why: z.enum(['signedOut', 'replaced', 'suspended', 'newVersion']) }),
} as const;

export type ServerEvents = typeof serverEvents;
export type ServerEventName = keyof ServerEvents;

/** `io({ path: socketPath, query: { as: 'caller' | 'staff', v: protocolVersion, tab } })`; the cookie says who. */
export const socketPath = '/live';
