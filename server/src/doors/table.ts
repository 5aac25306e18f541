import type { DoorInput, DoorName, DoorOutput } from '@hearthline/shared/contracts/doors';
import type { MediaSignal, MediaTaken } from '@hearthline/shared/contracts/media';
import { ok, refuse, type Result } from '@hearthline/shared/contracts/refusals';
import type { CallerView } from '@hearthline/shared/contracts/views';
import { dayOf, daysAsked } from '@hearthline/shared/domain/measures';
import { createReturnCode, revokeReturnCode } from '../commands/callers/returnCode.ts';
import { submitSurvey } from '../commands/callers/submitSurvey.ts';
import { answerChannel, proposeChannel, withdrawChannel } from '../commands/channels/changeChannel.ts';
import { endConversation } from '../commands/conversations/endConversation.ts';
import { chooseNextPeer } from '../commands/conversations/returnCaller.ts';
import { acknowledgePage, declinePage } from '../commands/escalations/answerPage.ts';
import { answerHandOff } from '../commands/escalations/answerHandOff.ts';
import { closeEscalation } from '../commands/escalations/closeEscalation.ts';
import { revokeFor, revokeShare } from '../commands/escalations/consent.ts';
import { keepOutcome, readOutcome } from '../commands/escalations/outcomeDraft.ts';
import { pageShown } from '../commands/escalations/pageShown.ts';
import { joinEscalation } from '../commands/escalations/joinEscalation.ts';
import { askForClinician, raiseEscalation } from '../commands/escalations/raiseEscalation.ts';
import { readEscalation } from '../commands/escalations/readEscalation.ts';
import { callAgain, withdrawEscalation } from '../commands/escalations/withdrawEscalation.ts';
import { answerInvitation, inviteColleague, withdrawInvitation } from '../commands/invitations/inviteColleague.ts';
import { acceptInvitation, declineInvitation } from '../commands/invitations/takeInvitation.ts';
import { addMeans } from '../commands/means/addMeans.ts';
import { heardPage } from '../commands/means/heardPage.ts';
import { removeMeans } from '../commands/means/removeMeans.ts';
import { ringMeNow } from '../commands/means/ringMeNow.ts';
import { takeSeat } from '../commands/media/takeSeat.ts';
import { handOver, leaveConversation, removeParty } from '../commands/parties/leaveConversation.ts';
import { addOverride, removeOverride } from '../commands/onCall/overrides.ts';
import { saveRoster } from '../commands/onCall/saveRoster.ts';
import { acceptOffer, declineOffer } from '../commands/offers/answerOffer.ts';
import { endShift, setChannels, setChatLimit, setPeerState, startShift } from '../commands/peers/workShift.ts';
import { leaveRequest } from '../commands/requests/leaveRequest.ts';
import { setRequestChannel } from '../commands/requests/setChannel.ts';
import { openRequest } from '../commands/requests/openRequest.ts';
import { submitWrapUp } from '../commands/wrapUps/submitWrapUp.ts';
import { keepDraft, readDraft } from '../commands/wrapUps/wrapUpDraft.ts';
import { alarmOfKeys, fetchMessages, handOutKeys, markUpTo } from '../delivery/transcript.ts';
import { seatNow } from '../delivery/seatNow.ts';
import { sharesTalk } from '../delivery/sharesTalk.ts';
import type { createLane } from '../delivery/lane.ts';
import type { Deps } from '../deps.ts';
import type { CallerActor, StaffActor } from '../policies/actor.ts';
import { can } from '../policies/can.ts';
import { boardView } from '../presenters/boardView.ts';
import { callerView } from '../presenters/callerView.ts';
import { clinicianView } from '../presenters/clinicianView.ts';
import { colleaguesFor } from '../presenters/colleagues.ts';
import { deskView } from '../presenters/deskView.ts';
import { measuresView } from '../presenters/measuresView.ts';
import { meansView } from '../presenters/meansView.ts';
import { rosterView } from '../presenters/rosterView.ts';
import type { Limits } from './limits.ts';

/** What the doors need besides the dependencies: the hot path and what is told to open pages without the database. */
export type DoorDeps = Deps & {
  lane: ReturnType<typeof createLane>;
  limits: Limits;
  /** Tells the other party's open pages; lost when nobody listens. */
  tellMarks(conversationId: string, partyId: string, marks: { delivered: number; read: number }): void;
  tellTyping(conversationId: string, partyId: string): void;
  /** Direct mode: hands what one browser says to the other one's pages, and keeps nothing. */
  tellSignal(to: string, signal: MediaSignal): void;
  /** Direct mode: all pages of a party hear that one of them has joined. */
  tellTaken(partyId: string, taken: MediaTaken): void;
  /** Makes this tab the one that is live. */
  takeOver(actor: CallerActor, tab: string | null): Promise<void>;
  /** What this very tab is shown: a caller has one live tab. */
  shownTo(view: CallerView, actor: CallerActor, tab: string | null): Promise<CallerView>;
};

/** Who knocks, and from where: `network` is a keyed hash of the address prefix, kept in memory only. */
export type Knock<A> = { actor: A; tab: string | null; network: string };
type ActorOf<N extends DoorName> = N extends
  | 'caller.view'
  | 'escalation.ask'
  | 'escalation.answer'
  | 'consent.revoke'
  | 'consent.revokeFor'
  | 'invitation.answer'
  | `request.${string}`
  | 'caller.takeOver'
  | 'conversation.nextPeer'
  | 'party.remove'
  | 'survey.submit'
  | `code.${string}`
  ? CallerActor
  : N extends
        | `message.${string}`
        | `channel.${string}`
        | `media.${string}`
        | 'key.get'
        | 'conversation.end'
        | 'escalation.withdraw'
        | 'invitation.withdraw'
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

/** Of one line, or of the first that this person may see. */
async function seenRoster(d: Deps, actor: StaffActor, lineId?: string): Promise<Result<DoorOutput<'roster.view'>>> {
  const line = d.lines
    .all()
    .find((l) => (lineId === undefined || l.id === lineId) && can(actor, 'roster.see', { lineId: l.id }));
  return line ? ok(await rosterView(d, actor, line)) : refuse('access.denied');
}

/** [MS1] Of the first line that this person runs. */
async function seenMeasures(
  d: Deps,
  actor: StaffActor,
  asked: DoorInput<'measures.view'>,
): Promise<Result<DoorOutput<'measures.view'>>> {
  const line = d.lines.all().find((l) => can(actor, 'measures.see', { lineId: l.id }));
  if (!line) return refuse('access.denied');
  const today = dayOf(line.config.timeZone, d.clock.now());
  const days = daysAsked(asked, today);
  return days.ok ? ok(await measuresView(d, line, days.value, today)) : days;
}

/** One row a door: parse happened, the command authorises on the locked row, the presenter answers. */
export const handlers: Handlers = {
  'caller.view': async (d, { actor, tab }) => ok(await d.shownTo(await callerView(d, actor), actor, tab)),
  'request.open': async (d, { actor, network }, { commandId, channel = 'chat' }) => {
    if (!(await d.limits.join(actor.id, network))) return refuse('request.tooMany');
    return then(openRequest(d, actor, channel, commandId), () => callerView(d, actor));
  },
  'request.leave': (d, { actor }, i) => then(leaveRequest(d, actor, i.commandId), () => callerView(d, actor)),
  'request.setChannel': (d, { actor }, i) => then(setRequestChannel(d, actor, i), () => callerView(d, actor)),
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
  'peer.setChannels': (d, { actor }, i) => then(setChannels(d, actor, i), () => deskView(d, actor)),
  'offer.accept': (d, { actor }, i) => then(acceptOffer(d, actor, i), () => deskView(d, actor)),
  'offer.decline': (d, { actor }, i) => then(declineOffer(d, actor, 'declined', i), () => deskView(d, actor)),
  'offer.recuse': (d, { actor }, i) => then(declineOffer(d, actor, 'recused', i), () => deskView(d, actor)),
  'wrapUp.keep': (d, { actor }, i) => keepDraft(d, actor, i),
  'wrapUp.draft': (d, { actor }, i) => readDraft(d, actor, i.conversationId),
  'wrapUp.submit': (d, { actor }, i) => then(submitWrapUp(d, actor, i), () => deskView(d, actor)),

  'colleagues.list': (d, { actor }, i) => colleaguesFor(d, actor, i.conversationId),
  'invitation.make': (d, { actor }, i) => then(inviteColleague(d, actor, i), () => deskView(d, actor)),
  'invitation.answer': (d, { actor }, i) => then(answerInvitation(d, actor, i), () => callerView(d, actor)),
  'invitation.withdraw': (d, { actor }, i) => withdrawInvitation(d, actor, i),
  'invitation.accept': (d, { actor }, i) => then(acceptInvitation(d, actor, i), () => deskView(d, actor)),
  'invitation.decline': (d, { actor }, i) => then(declineInvitation(d, actor, i), () => deskView(d, actor)),

  'escalation.raise': (d, { actor }, i) => then(raiseEscalation(d, actor, i), () => deskView(d, actor)),
  'escalation.again': (d, { actor }, i) => then(callAgain(d, actor, i), () => deskView(d, actor)),
  'escalation.ask': (d, { actor }, i) => then(askForClinician(d, actor, i), () => callerView(d, actor)),
  'escalation.answer': (d, { actor }, i) => then(answerHandOff(d, actor, i), () => callerView(d, actor)),
  'consent.revoke': (d, { actor }, i) => then(revokeShare(d, actor, i), () => callerView(d, actor)),
  'escalation.withdraw': (d, { actor }, i) => withdrawEscalation(d, actor, i),
  'clinician.view': async (d, { actor }) => ok(await clinicianView(d, actor)),
  'escalation.acknowledge': (d, { actor }, i) => then(acknowledgePage(d, actor, i), () => clinicianView(d, actor)),
  'page.shown': (d, { actor }, i) => pageShown(d, actor, i.escalationId),
  'escalation.decline': (d, { actor }, i) => then(declinePage(d, actor, i), () => clinicianView(d, actor)),
  'escalation.read': (d, { actor }, i) => readEscalation(d, actor, i.escalationId),
  'escalation.join': (d, { actor }, i) => then(joinEscalation(d, actor, i), () => clinicianView(d, actor)),
  'escalation.keep': (d, { actor }, i) => keepOutcome(d, actor, i),
  'escalation.draft': (d, { actor }, i) => readOutcome(d, actor, i.escalationId),
  'escalation.close': (d, { actor }, i) => then(closeEscalation(d, actor, i), () => clinicianView(d, actor)),

  'means.list': async (d, { actor }) => ok(await meansView(d, actor)),
  'means.add': (d, { actor }, i) => then(addMeans(d, actor, i), () => meansView(d, actor)),
  'means.remove': (d, { actor }, i) => then(removeMeans(d, actor, i), () => meansView(d, actor)),
  'means.test': (d, { actor }, i) => then(ringMeNow(d, actor, i), () => meansView(d, actor)),
  'means.heard': (d, { actor }, i) => then(heardPage(d, actor, i), () => meansView(d, actor)),

  'board.view': async (d, { actor }) => {
    const line = d.lines.all().find((l) => can(actor, 'board.see', { lineId: l.id }));
    return line ? ok(await boardView(d, line)) : refuse('access.denied');
  },
  'measures.view': (d, { actor }, i) => seenMeasures(d, actor, i),
  'roster.view': (d, { actor }) => seenRoster(d, actor),
  'roster.save': async (d, { actor }, i) => {
    const saved = await saveRoster(d, actor, i);
    return saved.ok ? seenRoster(d, actor, i.lineId) : saved;
  },
  'roster.override': async (d, { actor }, i) => {
    const made = await addOverride(d, actor, i);
    return made.ok ? seenRoster(d, actor, made.value.lineId) : made;
  },
  'roster.removeOverride': async (d, { actor }, i) => {
    const removed = await removeOverride(d, actor, i);
    return removed.ok ? seenRoster(d, actor, removed.value.lineId) : removed;
  },

  'conversation.end': (d, { actor }, i) => endConversation(d, actor, i),
  'conversation.leave': (d, { actor }, i) => leaveConversation(d, actor, i),
  'conversation.handOver': (d, { actor }, i) => handOver(d, actor, i),
  'consent.revokeFor': (d, { actor }, i) => revokeFor(d, actor, i),
  'party.remove': (d, { actor }, i) => removeParty(d, actor, i),
  'channel.propose': (d, { actor }, i) => proposeChannel(d, actor, i),
  'channel.answer': (d, { actor }, i) => answerChannel(d, actor, i),
  'channel.withdraw': (d, { actor }, i) => withdrawChannel(d, actor, i),
  'media.join': async (d, { actor }, i) => {
    const seat = await takeSeat(d, actor, i);
    if (seat.ok && seat.value.engine === 'direct')
      d.tellTaken(actor.id, { conversationId: i.conversationId, session: seat.value.session });
    return seat;
  },
  'media.signal': async (d, { actor }, { to, ...signal }) => {
    if (!(await sharesTalk(d, signal.conversationId, actor.id, to))) return refuse('conversation.gone');
    const seat = await seatNow(d, signal, actor.id);
    if (seat === null) return refuse('media.notCalling');
    if (seat !== `${actor.id}.${signal.session}`) return refuse('media.taken');
    d.tellSignal(to, { ...signal, from: actor.id });
    return ok(done);
  },
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
