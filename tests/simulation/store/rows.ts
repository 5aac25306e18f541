import type { Channel, TalkChannel } from '@hearthline/shared/contracts/ids';
import type { EscalationKind, EscalationState, MeansKind, Share } from '@hearthline/shared/contracts/escalation';
import type { InvitationPurpose, InvitationState, SharedBefore } from '@hearthline/shared/contracts/invitation';
import type { DueKind } from '@hearthline/shared/contracts/jobs';
import type { PeerState } from '@hearthline/shared/contracts/views';
import type { StaffRole } from '@hearthline/shared/domain/control.machine';
import type { Offer } from '@hearthline/shared/domain/offer.machine';
import type { RequestState } from '@hearthline/shared/domain/request.machine';
import type { LineId } from '../line/line.ts';

/** Rows as the migrations have them, of what decides something; times in milliseconds. */
export type Rows = {
  request: {
    id: string;
    lineId: LineId;
    callerId: string;
    state: RequestState;
    class: number;
    channel: Channel;
    joinedAt: number;
    absentSince: number | null;
    /** Until when the place of somebody absent is held. */
    heldUntil: number | null;
  };
  offer: { id: string; requestId: string; peerId: string; state: Offer['state']; cost: number; expiresAt: number };
  exclusion: { id: string; requestId: string; peerId: string; why: 'recused' | 'declined'; at: number };
  peer: {
    id: string;
    lineId: LineId;
    state: PeerState;
    load: number;
    chatLimit: number;
    channels: readonly TalkChannel[];
    restUntil: number | null;
    lastLiveAt: number | null;
    awaySince: number | null;
  };
  talk: {
    id: string;
    lineId: LineId;
    /** Null of a talk of peer and clinician alone, as is the caller. */
    requestId: string | null;
    callerId: string | null;
    sideOf: string | null;
    peerId: string;
    state: 'live' | 'ended';
    channel: TalkChannel;
    proposal: { channel: TalkChannel; by: 'caller' | 'peer' } | null;
    cost: number;
    epoch: number;
    lastSeq: number;
    callerLostAt: number | null;
    peerLostAt: number | null;
    endedAt: number | null;
    purgeDueAt: number | null;
  };
  participant: {
    id: string;
    talkId: string;
    partyId: string;
    role: 'caller' | StaffRole;
    /** What it costs a peer who came into it later; null: what the talk does. */
    cost: number | null;
    fromEpoch: number;
    afterSeq: number;
    untilEpoch: number | null;
    untilSeq: number | null;
    joinedAt: number | null;
    leftAt: number | null;
    lostAt: number | null;
  };
  message: { id: string; talkId: string; seq: number; epoch: number; senderId: string };
  wrapUp: { id: string; talkId: string; peerId: string; state: 'due' | 'done' };
  invitation: {
    id: string;
    lineId: LineId;
    talkId: string;
    purpose: InvitationPurpose;
    askedBy: string;
    whom: string | null;
    state: InvitationState;
    share: SharedBefore | null;
    ringsId: string | null;
    cost: number;
    tried: readonly string[];
    dueAt: number | null;
  };
  escalation: {
    id: string;
    talkId: string;
    kind: EscalationKind;
    raisedBy: 'caller' | 'peer';
    state: EscalationState;
    step: number;
    attempt: number;
    pagedId: string | null;
    dueAt: number | null;
    calledAt: number | null;
    ownerId: string | null;
    since: number;
  };
  page: {
    id: string;
    escalationId: string;
    staffId: string;
    means: MeansKind;
    /** 0: a coordinator, nobody was left. */
    step: number;
    attempt: number;
    state: 'due' | 'sending' | 'sent' | 'failed' | 'unknown';
    failure: string | null;
    madeAt: number;
    claimedAt: number | null;
    answer: 'acknowledged' | 'declined' | null;
  };
  /** Of an escalation or an invitation. */
  consent: { id: string; of: string; share: Share; revoked: boolean; at: number };
  due: { id: string; kind: DueKind; subject: string; at: number };
  command: { id: string; name: string; answer: unknown; at: number };
  outbox: { id: string; event: Event; writtenAt: number };
};
export type TableName = keyof Rows;
export type RowOf<T extends TableName> = Rows[T];

/** What is told after a commit: its kind, and everybody whom it is for. Ids only. */
export type Event = { type: string; to: readonly string[] };

/** Those that somebody still has to do something with. */
export const isLive: { [T in TableName]: (row: Rows[T]) => boolean } = {
  request: ({ state }) => state === 'waiting' || state === 'offered' || state === 'matched',
  offer: ({ state }) => state === 'pending',
  exclusion: () => true,
  peer: () => true,
  talk: ({ state }) => state === 'live',
  participant: ({ leftAt }) => leftAt === null,
  message: () => false,
  wrapUp: ({ state }) => state === 'due',
  invitation: ({ state }) => state === 'asking' || state === 'ringing',
  escalation: ({ state }) => ['asking', 'paging', 'acknowledged', 'joined', 'exhausted'].includes(state),
  page: ({ state }) => state === 'due' || state === 'sending',
  consent: () => false,
  due: () => true,
  command: () => true,
  outbox: () => true,
};

/** Unique indexes: of the rows that have a key, no two have the same. */
export const unique: { [T in TableName]?: ((row: Rows[T]) => string | null)[] } = {
  request: [(r) => (isLive.request(r) ? r.callerId : null)],
  offer: [
    (o) => (o.state === 'pending' ? `request ${o.requestId}` : null),
    (o) => (o.state === 'pending' ? `peer ${o.peerId}` : null),
  ],
  talk: [
    (t) => (t.state === 'live' && t.callerId ? `caller ${t.callerId}` : null),
    (t) => (t.state === 'live' && t.sideOf ? `side ${t.sideOf}` : null),
  ],
  escalation: [(e) => (isLive.escalation(e) ? e.talkId : null)],
  invitation: [(i) => (isLive.invitation(i) ? i.talkId : null)],
};

const over = ['refused', 'unanswered', 'withdrawn', 'closed'];
/** Check constraints. */
export const holds: { [T in TableName]?: (row: Rows[T]) => boolean } = {
  peer: (p) => p.load >= 0 && p.load <= 100,
  offer: (o) => o.cost >= 1 && o.cost <= 100,
  talk: (t) => (t.state === 'ended') === (t.endedAt !== null) && (t.sideOf === null) === (t.callerId !== null),
  invitation: (i) => isLive.invitation(i) === (i.dueAt !== null) && (i.state !== 'ringing' || i.ringsId !== null),
  escalation: (e) =>
    ['asking', 'paging', 'acknowledged'].includes(e.state) === (e.dueAt !== null) &&
    (e.state !== 'paging' || e.pagedId !== null) &&
    (!['acknowledged', 'joined', 'left'].includes(e.state) || e.ownerId !== null) &&
    (over.includes(e.state) || e.state === 'left' || isLive.escalation(e)),
};

/** Of which rows a row is one, to find them by. */
export const groupOf: { [T in TableName]?: (row: Rows[T]) => string } = {
  participant: (p) => p.talkId,
  message: (m) => m.talkId,
  page: (p) => p.escalationId,
  consent: (c) => c.of,
  wrapUp: (w) => w.talkId,
  invitation: (i) => i.talkId,
  exclusion: (x) => x.requestId,
  escalation: (e) => e.talkId,
  offer: (o) => o.requestId,
  talk: (t) => t.requestId ?? `side ${t.sideOf}`,
};
