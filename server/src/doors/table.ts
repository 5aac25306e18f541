import type { DoorInput, DoorName, DoorOutput } from '@hearthline/shared/contracts/doors';
import { ok, refuse, type Result } from '@hearthline/shared/contracts/refusals';
import type { CallerView } from '@hearthline/shared/contracts/views';
import { createReturnCode, revokeReturnCode } from '../commands/callers/returnCode.ts';
import { submitSurvey } from '../commands/callers/submitSurvey.ts';
import { endConversation } from '../commands/conversations/endConversation.ts';
import { chooseNextPeer } from '../commands/conversations/returnCaller.ts';
import { acceptOffer, declineOffer } from '../commands/offers/answerOffer.ts';
import { endShift, setChatLimit, setPeerState, startShift } from '../commands/peers/workShift.ts';
import { leaveRequest } from '../commands/requests/leaveRequest.ts';
import { openRequest } from '../commands/requests/openRequest.ts';
import { submitWrapUp } from '../commands/wrapUps/submitWrapUp.ts';
import { keepDraft, readDraft } from '../commands/wrapUps/wrapUpDraft.ts';
import { alarmOfKeys, fetchMessages, handOutKeys, markUpTo } from '../delivery/transcript.ts';
import type { createLane } from '../delivery/lane.ts';
import type { Deps } from '../deps.ts';
import type { CallerActor, StaffActor } from '../policies/actor.ts';
import { can } from '../policies/can.ts';
import { boardView } from '../presenters/boardView.ts';
import { callerView } from '../presenters/callerView.ts';
import { deskView } from '../presenters/deskView.ts';
import type { Limits } from './limits.ts';

/** What the doors need besides the dependencies: the hot path and what is told to open pages without the database. */
export type DoorDeps = Deps & {
  lane: ReturnType<typeof createLane>;
  limits: Limits;
  /** Tells the other party's open pages; lost when nobody listens. */
  tellMarks(conversationId: string, partyId: string, marks: { delivered: number; read: number }): void;
  tellTyping(conversationId: string, partyId: string): void;
  /** Makes this tab the one that is live. */
  takeOver(actor: CallerActor, tab: string | null): Promise<void>;
  /** What this very tab is shown: a caller has one live tab. */
  shownTo(view: CallerView, actor: CallerActor, tab: string | null): Promise<CallerView>;
};

/** Who knocks, and from where: `network` is a keyed hash of the address prefix, kept in memory only. */
export type Knock<A> = { actor: A; tab: string | null; network: string };
type ActorOf<N extends DoorName> = N extends
  'caller.view' | `request.${string}` | 'caller.takeOver' | 'conversation.nextPeer' | 'survey.submit' | `code.${string}`
  ? CallerActor
  : N extends `message.${string}` | 'key.get' | 'conversation.end'
    ? CallerActor | StaffActor
    : StaffActor;
type Handlers = {
  [N in DoorName]: (deps: DoorDeps, knock: Knock<ActorOf<N>>, input: DoorInput<N>) => Promise<Result<DoorOutput<N>>>;
};

const done = { done: true as const };
const then = async <T, U>(result: Promise<Result<T>>, next: () => Promise<U>): Promise<Result<U>> => {
  const r = await result;
  return r.ok ? ok(await next()) : r;
};

/** One row a door: parse happened, the command authorises on the locked row, the presenter answers. */
export const handlers: Handlers = {
  'caller.view': async (d, { actor, tab }) => ok(await d.shownTo(await callerView(d, actor), actor, tab)),
  'request.open': async (d, { actor, network }, { commandId }) => {
    if (!(await d.limits.join(actor.id, network))) return refuse('request.tooMany');
    return then(openRequest(d, actor, 'chat', commandId), () => callerView(d, actor));
  },
  'request.leave': (d, { actor }, i) => then(leaveRequest(d, actor, i.commandId), () => callerView(d, actor)),
  'caller.takeOver': async (d, { actor, tab }) => {
    await d.takeOver(actor, tab);
    return ok(await callerView(d, actor));
  },
  'conversation.nextPeer': (d, { actor }, i) => then(chooseNextPeer(d, actor, i), () => callerView(d, actor)),
  'survey.submit': (d, { actor }, i) => submitSurvey(d, actor, i),
  'code.create': (d, { actor }) => createReturnCode(d, actor),
  'code.revoke': (d, { actor }) => revokeReturnCode(d, actor),

  'desk.view': async (d, { actor }) => ok(await deskView(d, actor)),
  'shift.start': (d, { actor }, i) => then(startShift(d, actor, i.commandId), () => deskView(d, actor)),
  'shift.end': (d, { actor }, i) => then(endShift(d, actor, i.commandId), () => deskView(d, actor)),
  'peer.setState': (d, { actor }, i) => then(setPeerState(d, actor, i.commandId, i.state), () => deskView(d, actor)),
  'peer.setLimit': (d, { actor }, i) => then(setChatLimit(d, actor, i.commandId, i.chats), () => deskView(d, actor)),
  'offer.accept': (d, { actor }, i) => then(acceptOffer(d, actor, i), () => deskView(d, actor)),
  'offer.decline': (d, { actor }, i) => then(declineOffer(d, actor, 'declined', i), () => deskView(d, actor)),
  'offer.recuse': (d, { actor }, i) => then(declineOffer(d, actor, 'recused', i), () => deskView(d, actor)),
  'wrapUp.keep': (d, { actor }, i) => keepDraft(d, actor, i),
  'wrapUp.draft': (d, { actor }, i) => readDraft(d, actor, i.conversationId),
  'wrapUp.submit': (d, { actor }, i) => then(submitWrapUp(d, actor, i), () => deskView(d, actor)),

  'board.view': async (d, { actor }) => {
    const line = d.lines.all().find((l) => can(actor, 'board.see', { lineId: l.id }));
    return line ? ok(await boardView(d, line)) : refuse('access.denied');
  },

  'conversation.end': (d, { actor }, i) => endConversation(d, actor, i),
  'message.send': async (d, { actor }, i) =>
    d.limits.message(actor.id) ? d.lane.send(actor.id, i) : refuse('rate.slowDown'),
  'message.fetch': (d, { actor }, i) => fetchMessages(d, actor, i),
  'message.mark': async (d, { actor }, i) => {
    const marked = await markUpTo(d, actor, i);
    if (!marked.ok) return marked;
    d.tellMarks(i.conversationId, actor.id, marked.value);
    return ok(done);
  },
  'message.typing': async (d, { actor }, i) => {
    if (d.limits.typing(actor.id, i.conversationId)) d.tellTyping(i.conversationId, actor.id);
    return ok(done);
  },
  'key.get': async (d, { actor }, i) => {
    const past = actor.kind === 'staff' ? await d.limits.keysPastCap(actor.id) : 0;
    if (past === 1) await alarmOfKeys(d, actor);
    return past > 0 ? refuse('rate.slowDown') : handOutKeys(d, actor, i.conversationId);
  },
};
