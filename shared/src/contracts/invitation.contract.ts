import * as z from 'zod/mini';
import { Agreement, StaffNamed } from './escalation.contract.ts';
import { Channel, CommandId, Id, Instant } from './ids.ts';
import { Calls } from './media.contract.ts';

/** join: a second peer comes in and both stay; takeOver: the talk passes to them, and whoever asked leaves when they like; help: a coordinator comes in. */
export const InvitationPurpose = z.enum(['join', 'takeOver', 'help']);
export type InvitationPurpose = z.infer<typeof InvitationPurpose>;

/**
 * asking: the caller is asked; ringing: a colleague is; joined: they came. The others are over, and the talk is where it was:
 * refused, unanswered: by the caller; returned: nobody came; withdrawn: taken back, or the talk went on without it.
 */
export const InvitationState = z.enum([
  'asking',
  'ringing',
  'joined',
  'refused',
  'unanswered',
  'returned',
  'withdrawn',
]);
export type InvitationState = z.infer<typeof InvitationState>;

/** What the caller lets a colleague see of what was written before they came. */
export const SharedBefore = z.enum(['nothing', 'conversation']);
export type SharedBefore = z.infer<typeof SharedBefore>;

/** Whom a peer could ask into their talk, and how they are now. */
export const Colleagues = z.strictObject({
  peers: z.array(z.strictObject({ ...StaffNamed.shape, now: z.enum(['free', 'busy', 'resting', 'break', 'away']) })),
  /** Coordinators of this line who have a page open, for help. */
  coordinators: z.array(StaffNamed),
  /** This line first. `free`: how many of its peers could come now. */
  lines: z.array(z.strictObject({ id: Id, name: z.string(), own: z.boolean(), free: z.int() })),
});
export type Colleagues = z.infer<typeof Colleagues>;

export const InviteColleague = z.strictObject({
  commandId: CommandId,
  conversationId: Id,
  purpose: InvitationPurpose,
  /** This colleague; without: whoever is free. */
  staffId: z.optional(Id),
  /** Of this line; without: of the talk's own. Not with a colleague. */
  lineId: z.optional(Id),
});
export type InviteColleague = z.infer<typeof InviteColleague>;

export const AnswerInvitation = z.strictObject({
  commandId: CommandId,
  invitationId: Id,
  yes: z.boolean(),
  share: z.optional(SharedBefore),
});
export type AnswerInvitation = z.infer<typeof AnswerInvitation>;

export const OfInvitation = z.strictObject({ commandId: CommandId, invitationId: Id });
export type OfInvitation = z.infer<typeof OfInvitation>;

/** The last one of a talk, as the staff in it see it. */
export const TalkInvitation = z.strictObject({
  id: Id,
  purpose: InvitationPurpose,
  state: InvitationState,
  /** Who is asked, came or was asked last; null: nobody yet. */
  colleague: z.nullable(StaffNamed),
  /** Whoever is free on this line; null: this one person. */
  lineName: z.nullable(z.string()),
  /** When it goes on by itself. */
  dueAt: z.nullable(Instant),
  can: z.array(z.enum(['withdraw'])),
});
export type TalkInvitation = z.infer<typeof TalkInvitation>;

/** The same as the caller sees it, as long as it is not over. */
export const CallerInvitation = z.strictObject({
  id: Id,
  purpose: InvitationPurpose,
  state: z.enum(['asking', 'ringing']),
  /** Who would come; null: whoever is free. */
  colleague: z.nullable(StaffNamed),
  /** Of another line than this one; null: of this. */
  lineName: z.nullable(z.string()),
  /** What is said before they agree; null: nobody of another organisation would come. */
  agreement: z.nullable(Agreement),
});
export type CallerInvitation = z.infer<typeof CallerInvitation>;

/** What a colleague is asked: not a word of the caller's, who may have given a name. */
export const DeskInvitation = z.strictObject({
  id: Id,
  purpose: InvitationPurpose,
  /** Who asks. */
  from: z.string(),
  /** Their line, where it is another one. */
  lineName: z.nullable(z.string()),
  channel: Channel,
  calls: Calls,
  startedAt: Instant,
  madeAt: Instant,
  expiresAt: Instant,
});
export type DeskInvitation = z.infer<typeof DeskInvitation>;
