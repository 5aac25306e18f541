import * as z from 'zod/mini';
import {
  AnswerHandOff,
  AskForClinician,
  CloseEscalation,
  EscalationRecord,
  KeepOutcome,
  OfEscalation,
  OutcomeDraft,
  RaiseEscalation,
} from './escalation.contract.ts';
import { CommandId, Id, TalkChannel, Words } from './ids.ts';
import { AnswerInvitation, Colleagues, InviteColleague, OfInvitation } from './invitation.contract.ts';
import { AskMeasures, MeasuresView } from './measures.contract.ts';
import { JoinMedia, MediaSeat, SendSignal } from './media.contract.ts';
import {
  FetchMessages,
  GetKeys,
  Keys,
  MarkUpTo,
  MessagePage,
  MessageSent,
  SendMessage,
  Typing,
} from './message.contract.ts';
import {
  AddMeans,
  AddOverride,
  HeardPage,
  MeansView,
  OfMeans,
  RemoveOverride,
  RosterView,
  SaveRoster,
} from './onCall.contract.ts';
import { BoardView, CallerView, ClinicianView, DeskView } from './views.contract.ts';

const Nothing = z.strictObject({});
const Command = z.strictObject({ commandId: CommandId });
const Done = z.strictObject({ done: z.literal(true) });

/** A wrap-up as far as it is filled in. Empty where nothing is chosen yet. */
export const WrapUpDraft = z.strictObject({
  topic: Words(60),
  outcome: Words(60),
  referrals: Words(1000),
  strain: z.optional(z.int().check(z.gte(1), z.lte(5))),
  debrief: z.boolean(),
});
export type WrapUpDraft = z.infer<typeof WrapUpDraft>;

/**
 * The table of doors: every call a browser can make, once. Each is reachable over the socket
 * (`socket.emit(name, input, ack)`) and, for browsers without a WebSocket, as `POST /api/doors/<name>`.
 * The answer is `{ ok: true, value }` or `{ ok: false, refusal }`.
 *
 * `for`: who may knock. The command behind it decides, on the locked row, whether this very person may do this very
 * thing (architecture.md). Adding a door here makes it part of the access matrix, the attack generator and the documents.
 */
export const doors = {
  'caller.view': { for: ['caller'], input: Nothing, output: CallerView },
  /** Without a channel: chat. */
  'request.open': {
    for: ['caller'],
    input: z.strictObject({ commandId: CommandId, channel: z.optional(TalkChannel) }),
    output: CallerView,
  },
  /** While waiting: another channel, the same place. */
  'request.setChannel': {
    for: ['caller'],
    input: z.strictObject({ commandId: CommandId, channel: TalkChannel }),
    output: CallerView,
  },
  'request.leave': { for: ['caller'], input: Command, output: CallerView },
  'caller.takeOver': { for: ['caller'], input: Nothing, output: CallerView },
  /** Instead of waiting for a peer whose connection is lost. */
  'conversation.nextPeer': {
    for: ['caller'],
    input: z.strictObject({ commandId: CommandId, conversationId: Id }),
    output: CallerView,
  },
  'survey.submit': {
    for: ['caller'],
    input: z.strictObject({
      commandId: CommandId,
      conversationId: Id,
      scores: z.strictObject({
        heard: z.optional(z.int().check(z.gte(1), z.lte(5))),
        hope: z.optional(z.int().check(z.gte(1), z.lte(5))),
        connection: z.optional(z.int().check(z.gte(1), z.lte(5))),
      }),
      words: z.optional(Words(2000)),
    }),
    output: Done,
  },
  /** Makes a return code, replacing an earlier one. It is shown this once and kept only as a keyed hash. */
  'code.create': { for: ['caller'], input: Nothing, output: z.strictObject({ code: z.string() }) },
  'code.revoke': { for: ['caller'], input: Nothing, output: Done },

  /** Of a coordinator: what they are asked, and the talks that they are in. */
  'desk.view': { for: ['peer', 'coordinator'], input: Nothing, output: DeskView },
  'shift.start': { for: ['peer'], input: Command, output: DeskView },
  'shift.end': { for: ['peer'], input: Command, output: DeskView },
  'peer.setState': {
    for: ['peer'],
    input: z.strictObject({ commandId: CommandId, state: z.enum(['available', 'break', 'minute', 'finishing']) }),
    output: DeskView,
  },
  'peer.setLimit': {
    for: ['peer'],
    input: z.strictObject({ commandId: CommandId, chats: z.int().check(z.gte(1), z.lte(6)) }),
    output: DeskView,
  },
  /** What this peer takes; at least one. */
  'peer.setChannels': {
    for: ['peer'],
    input: z.strictObject({
      commandId: CommandId,
      channels: z.array(TalkChannel).check(z.minLength(1), z.maxLength(3)),
    }),
    output: DeskView,
  },
  'offer.accept': { for: ['peer'], input: z.strictObject({ commandId: CommandId, offerId: Id }), output: DeskView },
  'offer.decline': { for: ['peer'], input: z.strictObject({ commandId: CommandId, offerId: Id }), output: DeskView },
  /** "I know this person": never offered to this peer again. */
  'offer.recuse': { for: ['peer'], input: z.strictObject({ commandId: CommandId, offerId: Id }), output: DeskView },
  'wrapUp.submit': {
    for: ['peer'],
    input: z.strictObject({
      commandId: CommandId,
      conversationId: Id,
      topic: Words(60).check(z.minLength(1)),
      outcome: Words(60).check(z.minLength(1)),
      referrals: z.optional(Words(1000)),
      strain: z.int().check(z.gte(1), z.lte(5)),
      debrief: z.boolean(),
    }),
    output: DeskView,
  },

  /** Kept until the wrap-up is sent; each replaces the one before. */
  'wrapUp.keep': { for: ['peer'], input: z.extend(WrapUpDraft, { conversationId: Id }), output: Done },
  'wrapUp.draft': {
    for: ['peer'],
    input: z.strictObject({ conversationId: Id }),
    output: z.strictObject({ draft: z.nullable(WrapUpDraft) }),
  },

  /** Whom the holder of this talk could ask in, and how they are now. */
  'colleagues.list': { for: ['peer'], input: z.strictObject({ conversationId: Id }), output: Colleagues },
  /** Asks a colleague in, to join or to take over. The id of the command is that of the invitation. */
  'invitation.make': { for: ['peer'], input: InviteColleague, output: DeskView },
  /** Whether a colleague may come, and what they may see of before. */
  'invitation.answer': { for: ['caller'], input: AnswerInvitation, output: CallerView },
  'invitation.withdraw': { for: ['caller', 'peer'], input: OfInvitation, output: Done },
  'invitation.accept': { for: ['peer', 'coordinator'], input: OfInvitation, output: DeskView },
  'invitation.decline': { for: ['peer', 'coordinator'], input: OfInvitation, output: DeskView },

  /** Calls for a clinician. The id of the command is that of the escalation. */
  'escalation.raise': { for: ['peer'], input: RaiseEscalation, output: DeskView },
  /** Everybody was called and nobody came: once more from the first. */
  'escalation.again': { for: ['peer'], input: OfEscalation, output: DeskView },
  /** The caller asks for a clinician themselves. */
  'escalation.ask': { for: ['caller'], input: AskForClinician, output: CallerView },
  /** Whether a clinician may join, and what they may see. */
  'escalation.answer': { for: ['caller'], input: AnswerHandOff, output: CallerView },
  /** Takes back what a clinician may see; what was seen was seen. */
  'consent.revoke': { for: ['caller'], input: OfEscalation, output: CallerView },
  'escalation.withdraw': { for: ['caller', 'peer'], input: OfEscalation, output: Done },
  'clinician.view': { for: ['clinician'], input: Nothing, output: ClinicianView },
  /** "I'm on it". Answered on a locked screen too: nobody waits for a code. */
  'escalation.acknowledge': { for: ['clinician'], input: OfEscalation, output: ClinicianView },
  /** The alarm really stands on this person's screen. */
  'page.shown': { for: ['clinician'], input: z.strictObject({ escalationId: Id }), output: Done },
  /** "I can't": the next one is called at once. */
  'escalation.decline': { for: ['clinician'], input: OfEscalation, output: ClinicianView },
  /** What was written for whoever has it; audited each time. */
  'escalation.read': {
    for: ['clinician'],
    input: z.strictObject({ escalationId: Id }),
    output: EscalationRecord,
  },
  'escalation.join': { for: ['clinician'], input: OfEscalation, output: ClinicianView },
  /** Kept until the outcome is sent; each replaces the one before. */
  'escalation.keep': { for: ['clinician'], input: KeepOutcome, output: Done },
  'escalation.draft': {
    for: ['clinician'],
    input: z.strictObject({ escalationId: Id }),
    output: z.strictObject({ draft: z.nullable(OutcomeDraft) }),
  },
  'escalation.close': { for: ['clinician'], input: CloseEscalation, output: ClinicianView },

  /** How oneself is reached. Coordinators too: they are called when nobody else answers. */
  'means.list': { for: ['clinician', 'coordinator'], input: Nothing, output: MeansView },
  'means.add': { for: ['clinician', 'coordinator'], input: AddMeans, output: MeansView },
  'means.remove': { for: ['clinician', 'coordinator'], input: OfMeans, output: MeansView },
  /** "Ring me now": at most once in 20 s a means. */
  'means.test': { for: ['clinician', 'coordinator'], input: OfMeans, output: MeansView },
  /** It rang, and this person says so: from now on the means counts. */
  'means.heard': { for: ['clinician', 'coordinator'], input: HeardPage, output: MeansView },

  'board.view': { for: ['coordinator', 'administrator'], input: Nothing, output: BoardView },
  /** What came of calling clinicians. */
  'measures.view': { for: ['coordinator', 'administrator'], input: AskMeasures, output: MeasuresView },
  /** Who is on call when. */
  'roster.view': { for: ['coordinator', 'administrator', 'clinician'], input: Nothing, output: RosterView },
  /** All layers and rotations of the line, as they are from now on. */
  'roster.save': { for: ['coordinator', 'administrator'], input: SaveRoster, output: RosterView },
  'roster.override': { for: ['coordinator', 'administrator'], input: AddOverride, output: RosterView },
  'roster.removeOverride': { for: ['coordinator', 'administrator'], input: RemoveOverride, output: RosterView },

  /** Whoever holds it passes it on by leaving: to who else is in it, or the caller goes to the head of the line. */
  'conversation.leave': {
    for: ['peer', 'clinician', 'coordinator'],
    input: z.strictObject({ commandId: CommandId, conversationId: Id }),
    output: Done,
  },
  /** Whoever holds it gives it to somebody on staff who is in it. */
  'conversation.handOver': {
    for: ['peer', 'clinician', 'coordinator'],
    input: z.strictObject({ commandId: CommandId, conversationId: Id, to: Id }),
    output: Done,
  },
  /** The caller asks a clinician to leave. */
  'party.remove': {
    for: ['caller'],
    input: z.strictObject({ commandId: CommandId, conversationId: Id, partyId: Id }),
    output: Done,
  },
  /** They read from their coming on: what they were let see of before is taken back. Theirs of whom `agreed` is said. */
  'consent.revokeFor': {
    for: ['caller'],
    input: z.strictObject({ commandId: CommandId, conversationId: Id, partyId: Id }),
    output: Done,
  },
  'conversation.end': {
    for: ['caller', 'peer', 'clinician', 'coordinator'],
    input: z.strictObject({ commandId: CommandId, conversationId: Id, reason: z.enum(['finished', 'abuse', 'other']) }),
    output: Done,
  },
  /** More than now (chat to voice, voice to video) waits for the other one's yes; less happens at once. */
  'channel.propose': {
    for: ['caller', 'peer', 'clinician', 'coordinator'],
    input: z.strictObject({ commandId: CommandId, conversationId: Id, channel: TalkChannel }),
    output: Done,
  },
  /** `channel`: the one that was shown; another one by now is `channel.gone`. */
  'channel.answer': {
    for: ['caller', 'peer', 'clinician', 'coordinator'],
    input: z.strictObject({ commandId: CommandId, conversationId: Id, channel: TalkChannel, yes: z.boolean() }),
    output: Done,
  },
  'channel.withdraw': {
    for: ['caller', 'peer', 'clinician', 'coordinator'],
    input: z.strictObject({ commandId: CommandId, conversationId: Id }),
    output: Done,
  },
  /** A place in the call of this conversation. Joining again, from anywhere, ends the earlier place of the same person. */
  'media.join': { for: ['caller', 'peer', 'clinician', 'coordinator'], input: JoinMedia, output: MediaSeat },
  /** Direct mode only. Passed on as it is to the other one's open pages, and kept nowhere. */
  'media.signal': { for: ['caller', 'peer', 'clinician', 'coordinator'], input: SendSignal, output: Done },
  'message.send': { for: ['caller', 'peer', 'clinician', 'coordinator'], input: SendMessage, output: MessageSent },
  'message.fetch': { for: ['caller', 'peer', 'clinician', 'coordinator'], input: FetchMessages, output: MessagePage },
  'message.mark': { for: ['caller', 'peer', 'clinician', 'coordinator'], input: MarkUpTo, output: Done },
  'message.typing': { for: ['caller', 'peer', 'clinician', 'coordinator'], input: Typing, output: Done },
  'key.get': { for: ['caller', 'peer', 'clinician', 'coordinator'], input: GetKeys, output: Keys },
} as const;

export type Doors = typeof doors;
export type DoorName = keyof Doors;
export type DoorInput<N extends DoorName> = z.infer<Doors[N]['input']>;
export type DoorOutput<N extends DoorName> = z.infer<Doors[N]['output']>;
export type Audience = 'caller' | 'peer' | 'clinician' | 'coordinator' | 'administrator';
