import * as z from 'zod/mini';
import { Channel, Epoch, Id, Instant, Role, Seq } from './ids.ts';

/**
 * A view is the whole of one screen, computed by the server for one person. It can be asked for again at any time and
 * replaces what the screen shows. `now` is the server's clock: pages count ages from it, never from their own (F29).
 */
const base = { now: Instant };

export const Presence = z.enum(['here', 'comingBack', 'away']);
export type Presence = z.infer<typeof Presence>;

export const CallerConversation = z.strictObject({
  id: Id,
  /** The caller's own id as a sender of messages in this conversation. */
  me: Id,
  epoch: Epoch,
  lastSeq: Seq,
  channel: Channel,
  startedAt: Instant,
  peerId: Id,
  peerName: z.string(),
  peerPresence: Presence,
  /** Set while the peer's connection is lost: without another choice the caller goes to the head of the line then. */
  peerDueBackAt: z.nullable(Instant),
  peerMarks: z.strictObject({ delivered: Seq, read: Seq }),
  myMarks: z.strictObject({ delivered: Seq, read: Seq }),
});

const caller = { ...base, lineSlug: z.string(), name: z.nullable(z.string()), hasCode: z.boolean() };
export const CallerView = z.discriminatedUnion('stage', [
  /** No session, or one without consent: the page sends the person to the first page. */
  z.strictObject({ ...base, stage: z.literal('none') }),
  /** Consent is given, nothing asked for yet. */
  z.strictObject({ ...caller, stage: z.literal('ready') }),
  z.strictObject({
    ...caller,
    stage: z.literal('waiting'),
    requestId: Id,
    channel: Channel,
    joinedAt: Instant,
    /** 1 = first; beyond the tenth rounded up to a step (RQ6). Null while it is being worked out. */
    place: z.nullable(z.int()),
    /** Minutes; null = we don't know yet (never made up). */
    wait: z.nullable(z.strictObject({ from: z.int(), to: z.int() })),
    /** A peer is being asked right now. */
    offered: z.boolean(),
    /** Peers on shift; 0 = nobody can answer any more (F45). */
    peersOnShift: z.int(),
    /** The caller lost a peer and is at the head of the line. */
    returned: z.boolean(),
  }),
  z.strictObject({ ...caller, stage: z.literal('talking'), conversation: CallerConversation }),
  z.strictObject({
    ...caller,
    stage: z.literal('ended'),
    conversationId: Id,
    peerName: z.string(),
    endedBy: z.enum(['caller', 'peer', 'system']),
    surveyDone: z.boolean(),
    canAskAgain: z.boolean(),
  }),
  /** The place is gone: they left, or were away longer than we could hold it. */
  z.strictObject({ ...caller, stage: z.literal('out'), why: z.enum(['left', 'lapsed', 'closed']) }),
  /** The same session is live in another tab (F27). */
  z.strictObject({ ...base, stage: z.literal('elsewhere') }),
]);
export type CallerView = z.infer<typeof CallerView>;

export const PeerState = z.enum(['available', 'break', 'minute', 'finishing', 'paused', 'off']);
export type PeerState = z.infer<typeof PeerState>;

export const DeskOffer = z.strictObject({
  id: Id,
  channel: Channel,
  /** Null when the caller chose no name. */
  name: z.nullable(z.string()),
  joinedAt: Instant,
  madeAt: Instant,
  expiresAt: Instant,
  /** Came back with a return code, or lost a peer before. */
  returning: z.boolean(),
});
export type DeskOffer = z.infer<typeof DeskOffer>;

export const DeskConversation = z.strictObject({
  id: Id,
  me: Id,
  /** The caller's id as a sender. */
  callerId: Id,
  state: z.enum(['live', 'wrapUp']),
  epoch: Epoch,
  lastSeq: Seq,
  channel: Channel,
  name: z.nullable(z.string()),
  startedAt: Instant,
  endedAt: z.nullable(Instant),
  endedBy: z.nullable(z.enum(['caller', 'peer', 'system'])),
  wrapUpDueAt: z.nullable(Instant),
  callerPresence: Presence,
  returning: z.boolean(),
  callerMarks: z.strictObject({ delivered: Seq, read: Seq }),
  myMarks: z.strictObject({ delivered: Seq, read: Seq }),
});
export type DeskConversation = z.infer<typeof DeskConversation>;

export const DeskView = z.strictObject({
  ...base,
  me: z.strictObject({
    id: Id,
    name: z.string(),
    roles: z.array(Role),
    /** Names and texts are held back until the second factor is shown again. */
    locked: z.boolean(),
    /** Idle seconds after which the page locks itself. */
    lockAfterSeconds: z.int(),
  }),
  line: z.nullable(
    z.strictObject({
      id: Id,
      slug: z.string(),
      name: z.string(),
      shortName: z.string(),
      crisisCard: z.array(z.string()),
      crisis: z.array(z.strictObject({ label: z.string(), href: z.string() })),
      topics: z.array(z.string()),
      outcomes: z.array(z.string()),
      retentionDays: z.int(),
      restMinutes: z.array(z.int()),
    }),
  ),
  peer: z.strictObject({
    state: PeerState,
    /** Why paused. */
    missedOffer: z.boolean(),
    restUntil: z.nullable(Instant),
    shiftStartedAt: z.nullable(Instant),
    chats: z.int(),
    chatLimit: z.int(),
    /** What this person may do now; pages never work it out themselves. */
    can: z.array(z.enum(['shift.start', 'shift.end', 'peer.setState', 'peer.setLimit'])),
  }),
  waitingCount: z.int(),
  offers: z.array(DeskOffer),
  conversations: z.array(DeskConversation),
});
export type DeskView = z.infer<typeof DeskView>;

export const BoardView = z.strictObject({
  ...base,
  line: z.strictObject({
    id: Id,
    slug: z.string(),
    name: z.string(),
    open: z.enum(['open', 'nobodyHere', 'closingSoon', 'closed']),
    targetMinutes: z.int(),
  }),
  workersDown: z.boolean(),
  measures: z.strictObject({
    waiting: z.int(),
    pastTarget: z.int(),
    longestWaitSince: z.nullable(Instant),
    conversations: z.int(),
    peersFree: z.int(),
    /** Today in the line's zone. Null when there were none: a dash, never 0 %. */
    inTargetPercent: z.nullable(z.int()),
    leftToday: z.int(),
    askedToday: z.int(),
  }),
  waiting: z.array(
    z.strictObject({
      id: Id,
      guest: z.int(),
      channel: Channel,
      joinedAt: Instant,
      returned: z.boolean(),
      absent: z.boolean(),
      offeredTo: z.nullable(z.string()),
      offerExpiresAt: z.nullable(Instant),
    }),
  ),
  waitingMore: z.int(),
  peers: z.array(
    z.strictObject({
      id: Id,
      name: z.string(),
      state: PeerState,
      here: z.boolean(),
      resting: z.boolean(),
      chats: z.int(),
      chatLimit: z.int(),
    }),
  ),
  conversations: z.array(
    z.strictObject({
      id: Id,
      guest: z.int(),
      peerName: z.string(),
      channel: Channel,
      startedAt: Instant,
      state: z.enum(['live', 'wrapUp']),
      callerPresence: Presence,
      peerPresence: Presence,
    }),
  ),
});
export type BoardView = z.infer<typeof BoardView>;
