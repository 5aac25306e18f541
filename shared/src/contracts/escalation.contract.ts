import * as z from 'zod/mini';
import { Channel, CommandId, Id, Instant, Words } from './ids.ts';

/** consult: advice for the peer; handOff: a clinician joins, the caller says so; safety: a life is at risk. */
export const EscalationKind = z.enum(['consult', 'handOff', 'safety']);
export type EscalationKind = z.infer<typeof EscalationKind>;

/** What the caller lets the clinician see. `conversation`: what was written so far. */
export const Share = z.enum(['nothing', 'summary', 'conversation']);
export type Share = z.infer<typeof Share>;

/**
 * asking: the caller is asked; paging: the ladder climbs; acknowledged: somebody is on it, and has a time to join; joined: they
 * are in; left: they were, and are not any more: theirs to close, and in nobody's way; exhausted: everybody was paged, and a late answer is still taken. The others are over.
 */
export const EscalationState = z.enum([
  'asking',
  'paging',
  'acknowledged',
  'joined',
  'left',
  'exhausted',
  'refused',
  'unanswered',
  'withdrawn',
  'closed',
]);
export type EscalationState = z.infer<typeof EscalationState>;

export const MeansKind = z.enum(['alarm', 'push', 'mail', 'sms', 'voice', 'webhook']);
export type MeansKind = z.infer<typeof MeansKind>;

/** How far one attempt to reach somebody has come. `delivered` only where the means can say. */
export const AttemptState = z.enum([
  'due',
  'sending',
  'sent',
  'delivered',
  'failed',
  'unknown',
  'acknowledged',
  'declined',
]);
export type AttemptState = z.infer<typeof AttemptState>;

export const StaffNamed = z.strictObject({ id: Id, name: z.string(), title: z.nullable(z.string()) });
export type StaffNamed = z.infer<typeof StaffNamed>;

/**
 * [CS7] What 42 CFR 2.31 wants said before somebody agrees: which program would tell whom outside of it. The page says the rest in
 * its own words: what, for what, until when at the latest, and how it is taken back.
 */
export const Agreement = z.strictObject({
  program: z.string(),
  /** name null: whoever comes of that organisation. */
  recipients: z.array(z.strictObject({ name: z.nullable(z.string()), organisation: z.string() })),
  /** Days after which the consent is over at the latest. */
  days: z.int(),
});
export type Agreement = z.infer<typeof Agreement>;

/** [CS6] What goes with a disclosure (42 CFR 2.32): whose record it is, and how much of it was let through. */
export const DisclosureNotice = z.strictObject({
  program: z.string(),
  scope: z.enum(['talk', 'talkAndSummary', 'talkAndBefore']),
  ground: z.enum(['consent', 'emergency']),
});
export type DisclosureNotice = z.infer<typeof DisclosureNotice>;

/** One attempt as a peer and a coordinator see it: who, by what, since when. */
export const Attempt = z.strictObject({
  id: Id,
  name: z.string(),
  means: MeansKind,
  state: AttemptState,
  step: z.int(),
  at: Instant,
});
export type Attempt = z.infer<typeof Attempt>;

/** Who would be called, before anybody presses. */
export const OnCallNow = z.strictObject({
  /** In the order of the ladder; nobody twice. Empty: nobody is on call. */
  people: z.array(StaffNamed),
  /** Until when the first of them is on. */
  until: z.nullable(Instant),
  /**
   * Seconds from the button (where the caller is asked first: from their yes) to the first "I'm on it", of the last 90 days;
   * null while there are fewer than five.
   */
  usual: z.nullable(z.strictObject({ p50: z.int(), p90: z.int() })),
});
export type OnCallNow = z.infer<typeof OnCallNow>;

/** The escalation of a conversation as its peer sees it. */
export const DeskEscalation = z.strictObject({
  id: Id,
  kind: EscalationKind,
  state: EscalationState,
  raisedBy: z.enum(['caller', 'peer']),
  raisedAt: Instant,
  share: z.nullable(Share),
  owner: z.nullable(StaffNamed),
  attempts: z.array(Attempt),
  /** When it goes on by itself: the next one is called, or the caller is not asked any more. */
  dueAt: z.nullable(Instant),
  /** One line of the clinician for the peer, when it is over. */
  told: z.nullable(z.string()),
  can: z.array(z.enum(['withdraw', 'again'])),
});
export type DeskEscalation = z.infer<typeof DeskEscalation>;

/** The same as its caller sees it. */
export const CallerEscalation = z.strictObject({
  id: Id,
  kind: EscalationKind,
  state: EscalationState,
  raisedBy: z.enum(['caller', 'peer']),
  share: z.nullable(Share),
  /** What the peer wrote to share, while the caller is asked; they may change it. */
  summary: z.nullable(z.string()),
  /** Who would come, or comes. */
  clinician: z.nullable(StaffNamed),
  /** Who was called just before and does not come; answered: they said so, else they have not said anything yet. */
  before: z.nullable(z.strictObject({ name: z.string(), answered: z.boolean() })),
  /** As in OnCallNow, while the caller is asked. */
  usual: OnCallNow.shape.usual,
  /** Whether advice for the peer is also told in the talk; the panel of who is here says it always. */
  announced: z.boolean(),
});
export type CallerEscalation = z.infer<typeof CallerEscalation>;

/** What a clinician sees of an escalation they were paged for, have or had. */
export const ClinicianEscalation = z.strictObject({
  id: Id,
  conversationId: Id,
  kind: EscalationKind,
  state: EscalationState,
  /** ringing: they can take it; yours: they have it; theirs: somebody else has. */
  mine: z.enum(['ringing', 'yours', 'theirs']),
  /** It is they who are being called right now; else somebody else is, or nobody any more, and they can still take it. */
  callsMe: z.boolean(),
  raisedBy: z.enum(['caller', 'peer']),
  raisedAt: Instant,
  dueAt: z.nullable(Instant),
  /** Who is called next without an answer; null: nobody is left. */
  next: z.nullable(StaffNamed),
  owner: z.nullable(StaffNamed),
  peer: z.nullable(StaffNamed),
  channel: Channel,
  share: z.nullable(Share),
});
export type ClinicianEscalation = z.infer<typeof ClinicianEscalation>;

/** What was written down for whoever has it. Handed out on its own, and each time written into the audit log. */
export const EscalationRecord = z.strictObject({
  reason: z.nullable(z.string()),
  /** Only where the caller has agreed to it. */
  summary: z.nullable(z.string()),
  callerName: z.nullable(z.string()),
});
export type EscalationRecord = z.infer<typeof EscalationRecord>;

export const dispositions = [
  'advised',
  'staysWithPeer',
  'tookOver',
  'emergency',
  'referred',
  'callerLeft',
  'other',
] as const;
export const Disposition = z.enum(dispositions);
export type Disposition = z.infer<typeof Disposition>;

export const RaiseEscalation = z.strictObject({
  commandId: CommandId,
  conversationId: Id,
  kind: EscalationKind,
  /** Why; sealed. Required of a peer who says that a life is at risk. */
  reason: z.optional(Words(1000)),
  /** What the peer would share, for the caller to agree to; sealed. */
  summary: z.optional(Words(2000)),
  /** safety: whether the caller could be asked, and what they said. */
  asked: z.optional(z.enum(['yes', 'no', 'couldNot'])),
});
export type RaiseEscalation = z.infer<typeof RaiseEscalation>;

/** A caller who would like a clinician says at once what they may see. */
export const AskForClinician = z.strictObject({
  commandId: CommandId,
  conversationId: Id,
  share: z.enum(['nothing', 'conversation']),
});
export type AskForClinician = z.infer<typeof AskForClinician>;

export const AnswerHandOff = z.strictObject({
  commandId: CommandId,
  escalationId: Id,
  yes: z.boolean(),
  share: z.optional(Share),
  /** The summary as the caller changed it. */
  summary: z.optional(Words(2000)),
});
export type AnswerHandOff = z.infer<typeof AnswerHandOff>;

export const OfEscalation = z.strictObject({ commandId: CommandId, escalationId: Id });
export type OfEscalation = z.infer<typeof OfEscalation>;

export const CloseEscalation = z.strictObject({
  commandId: CommandId,
  escalationId: Id,
  disposition: Disposition,
  /** One line that the peer reads. */
  told: Words(300),
  /** The clinician's own notes; peers never read them. */
  note: z.optional(Words(4000)),
  safetyPlan: z.optional(Words(4000)),
  referrals: z.optional(Words(2000)),
  /** Ordered follow-up, in hours from now; carried out by the follow-ups part. */
  followUpHours: z.optional(z.int().check(z.gte(1), z.lte(336))),
});
export type CloseEscalation = z.infer<typeof CloseEscalation>;

/** An outcome as far as it is filled in. Empty where nothing is written yet. */
export const OutcomeDraft = z.strictObject({
  disposition: z.optional(Disposition),
  told: Words(300),
  note: Words(4000),
  safetyPlan: Words(4000),
  referrals: Words(2000),
  followUpHours: z.optional(z.int().check(z.gte(1), z.lte(336))),
});
export type OutcomeDraft = z.infer<typeof OutcomeDraft>;

export const KeepOutcome = z.extend(OutcomeDraft, { escalationId: Id });
export type KeepOutcome = z.infer<typeof KeepOutcome>;
