import * as z from 'zod/mini';
import { CommandId, Id, Words } from './ids.ts';
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
import { BoardView, CallerView, DeskView } from './views.contract.ts';

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
  'request.open': { for: ['caller'], input: Command, output: CallerView },
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

  'desk.view': { for: ['peer'], input: Nothing, output: DeskView },
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

  'board.view': { for: ['coordinator', 'administrator'], input: Nothing, output: BoardView },

  'conversation.end': {
    for: ['caller', 'peer'],
    input: z.strictObject({ commandId: CommandId, conversationId: Id, reason: z.enum(['finished', 'abuse', 'other']) }),
    output: Done,
  },
  'message.send': { for: ['caller', 'peer'], input: SendMessage, output: MessageSent },
  'message.fetch': { for: ['caller', 'peer'], input: FetchMessages, output: MessagePage },
  'message.mark': { for: ['caller', 'peer'], input: MarkUpTo, output: Done },
  'message.typing': { for: ['caller', 'peer'], input: Typing, output: Done },
  'key.get': { for: ['caller', 'peer'], input: GetKeys, output: Keys },
} as const;

export type Doors = typeof doors;
export type DoorName = keyof Doors;
export type DoorInput<N extends DoorName> = z.infer<Doors[N]['input']>;
export type DoorOutput<N extends DoorName> = z.infer<Doors[N]['output']>;
export type Audience = 'caller' | 'peer' | 'clinician' | 'coordinator' | 'administrator';
