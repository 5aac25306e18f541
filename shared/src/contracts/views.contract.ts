import * as z from 'zod/mini';
import {
  Agreement,
  Attempt,
  CallerEscalation,
  ClinicianEscalation,
  DeskEscalation,
  DisclosureNotice,
  EscalationKind,
  EscalationState,
  OnCallNow,
  StaffNamed,
} from './escalation.contract.ts';
import { CallerInvitation, DeskInvitation, TalkInvitation } from './invitation.contract.ts';
import { OwnOnCall } from './onCall.contract.ts';
import { Channel, Epoch, Id, Instant, Role, Seq, TalkChannel } from './ids.ts';
import { Calls, Generation } from './media.contract.ts';

/**
 * A view is the whole of one screen, computed by the server for one person. It can be asked for again at any time and
 * replaces what the screen shows. `now` is the server's clock: pages count ages from it, never from their own (F29).
 */
const base = { now: Instant };

export const Presence = z.enum(['here', 'comingBack', 'away']);
export type Presence = z.infer<typeof Presence>;

/** What of a conversation may be told of somebody. A caller may have given no name; on a locked screen it is held back. */
const sender = {
  id: Id,
  name: z.nullable(z.string()),
  /** What callers are told of them beside the name: "nurse". */
  title: z.nullable(z.string()),
  role: z.enum(['caller', 'peer', 'clinician', 'coordinator']),
};
/** Somebody who was in a conversation: what they wrote stays theirs. */
export const Sender = z.strictObject(sender);
export type Sender = z.infer<typeof Sender>;
/** Somebody who is in it now, and what of it they can read. */
export const Party = z.strictObject({
  ...sender,
  presence: Presence,
  /** Holds the conversation: exactly one of them does (CT1). */
  holds: z.boolean(),
  reads: z.enum(['all', 'fromJoining']),
  /** They came later and read what was before because the caller agreed to it, who can take it back. */
  agreed: z.boolean(),
  joinedAt: Instant,
});
export type Party = z.infer<typeof Party>;

/** Who is in it, how they talk, and what one side has asked the other for. */
const talking = {
  /** The caller first, then whoever is in it longest. */
  parties: z.array(Party),
  left: z.array(Sender),
  /** Messages before this number do not exist for this person. */
  fromSeq: Seq,
  channel: Channel,
  /** Waits for an answer; null when nobody has asked. */
  proposal: z.nullable(z.strictObject({ channel: TalkChannel, mine: z.boolean() })),
  calls: Calls,
  /** The room of the call; null while they talk in text. A higher one than that of the page: join again. */
  room: z.nullable(z.strictObject({ generation: Generation, encrypted: z.boolean(), openedAt: Instant })),
};

export const CallerConversation = z.strictObject({
  id: Id,
  /** The caller's own id as a sender of messages in this conversation. */
  me: Id,
  epoch: Epoch,
  lastSeq: Seq,
  ...talking,
  startedAt: Instant,
  /** The one that is not over; null: nobody is being called. */
  escalation: z.nullable(CallerEscalation),
  /** Whether they may ask for a clinician now. */
  canAskClinician: z.boolean(),
  /** What is said before they agree to a clinician; null: nobody of another organisation would come. */
  agreement: z.nullable(Agreement),
  /** A colleague of the peer who is asked in; null: nobody is. */
  invitation: z.nullable(CallerInvitation),
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
    calls: Calls,
    joinedAt: Instant,
    /** 1 = first; beyond the tenth rounded up to a step (RQ6). Null while it is being worked out. */
    place: z.nullable(z.int()),
    /** Minutes; null = we don't know yet (never made up). */
    wait: z.nullable(z.strictObject({ from: z.int(), to: z.int() })),
    /** A peer is being asked right now. */
    offered: z.boolean(),
    /** Peers on shift; 0 = nobody can answer any more (F45). */
    peersOnShift: z.int(),
    /** What they take, in the order chat, voice, video: another channel waits for somebody who does. */
    taken: z.array(TalkChannel),
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
  /** What would carry it: a page loads the script of calls while the peer decides. */
  calls: Calls,
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
  /** Where peer and clinician talk alone: the conversation beside which they do. */
  sideOf: z.nullable(Id),
  /** What this person is in it as. */
  as: z.enum(['peer', 'clinician', 'coordinator']),
  /** The caller's id as a sender; where there is none, the other one's, as are name, presence and marks. */
  callerId: Id,
  /** wrapUp: it is over, or they have left it. */
  state: z.enum(['live', 'wrapUp']),
  /** What this person may do now; pages never work it out themselves. */
  can: z.array(z.enum(['leave', 'end', 'handOver', 'channel', 'invite', 'raise'])),
  epoch: Epoch,
  lastSeq: Seq,
  ...talking,
  /** The last one, also when it is over; null: there was none. */
  escalation: z.nullable(DeskEscalation),
  /** The last one, also when it is over; null: nobody was asked in. */
  invitation: z.nullable(TalkInvitation),
  /** It was disclosed to this person, who belongs to another organisation; null: it was not. */
  notice: z.nullable(DisclosureNotice),
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
      /** Null: this line has no clinicians. */
      onCall: z.nullable(OnCallNow),
      /** What a peer does when a life is at risk; empty without clinicians. */
      protocol: z.array(z.string()),
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
    /** What this peer takes. */
    channels: z.array(TalkChannel),
    /** What this person may do now; pages never work it out themselves. */
    can: z.array(z.enum(['shift.start', 'shift.end', 'peer.setState', 'peer.setLimit', 'peer.setChannels'])),
  }),
  waitingCount: z.int(),
  offers: z.array(DeskOffer),
  /** What colleagues ask this peer. */
  invitations: z.array(DeskInvitation),
  conversations: z.array(DeskConversation),
});
export type DeskView = z.infer<typeof DeskView>;

/** The clinician's whole screen: who calls them, what they have, which talks they are in. */
export const ClinicianView = z.strictObject({
  ...base,
  me: z.strictObject({
    id: Id,
    name: z.string(),
    title: z.nullable(z.string()),
    roles: z.array(Role),
    locked: z.boolean(),
    lockAfterSeconds: z.int(),
  }),
  line: z.nullable(
    z.strictObject({
      id: Id,
      slug: z.string(),
      name: z.string(),
      shortName: z.string(),
      protocol: z.array(z.string()),
      crisis: z.array(z.strictObject({ label: z.string(), href: z.string() })),
      retentionDays: z.int(),
    }),
  ),
  /** False: they do not count as on call, whatever the roster says. */
  reachable: z.boolean(),
  /** Own times on call of the next 14 days, the one that runs first. */
  onCall: z.array(OwnOnCall),
  escalations: z.array(ClinicianEscalation),
  conversations: z.array(DeskConversation),
});
export type ClinicianView = z.infer<typeof ClinicianView>;

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
  /** What carries calls here. */
  /** What carries calls, for whoever runs the line. */
  calls: Calls,
  /** Who is called for a clinician, by step; null: the line promises none. */
  onCall: z.nullable(
    z.strictObject({
      layers: z.array(
        z.strictObject({
          layer: z.string(),
          /** Null: nobody. Not reachable counts as nobody too. */
          now: z.nullable(z.strictObject({ name: z.string(), reachable: z.boolean() })),
          until: z.nullable(Instant),
          next: z.nullable(z.string()),
        }),
      ),
      /** Within the next 12 hours: nobody of any step could be called. */
      gaps: z.array(z.strictObject({ from: Instant, until: Instant })),
    }),
  ),
  /** Those that are not over, the oldest first. */
  escalations: z.array(
    z.strictObject({
      id: Id,
      guest: z.int(),
      peerName: z.string(),
      kind: EscalationKind,
      state: EscalationState,
      raisedBy: z.enum(['caller', 'peer']),
      raisedAt: Instant,
      dueAt: z.nullable(Instant),
      /** The talk goes on; false: whoever joined has their notes to write. */
      live: z.boolean(),
      /** Since when nobody is left to call, while it is so. */
      exhaustedAt: z.nullable(Instant),
      owner: z.nullable(StaffNamed),
      attempts: z.array(Attempt),
    }),
  ),
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
