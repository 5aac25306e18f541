import { randomBytes, randomUUID } from 'node:crypto';
import { createLane } from '@hearthline/server/delivery/lane';
import { knock } from '@hearthline/server/doors/knock';
import { createLimits } from '@hearthline/server/doors/limits';
import type { DoorDeps } from '@hearthline/server/doors/table';
import type { Deps } from '@hearthline/server/deps';
import type { Actor, StaffActor } from '@hearthline/server/policies/actor';
import { doors, type DoorName } from '@hearthline/shared/contracts/doors';
import type { Role } from '@hearthline/shared/contracts/ids';

export const no = 'access.denied';

/** What each knocks out of a door on a live conversation and a pending offer that are Maya's. */
export type Row = {
  owner: string;
  otherCaller: string;
  peer: string;
  otherPeer: string;
  staff: string;
  coordinator: string;
};
const row = (
  owner: string,
  otherCaller: string,
  peer: string,
  otherPeer: string,
  coordinator: string = no,
  clinician: string = no,
): Row => ({ owner, otherCaller, peer, otherPeer, staff: clinician, coordinator });
/** Doors on a conversation: to whoever is not in it, whatever they are, it is not there. */
const inTalk = (owner: string, peer: string): Row =>
  row(
    owner,
    owner === no ? no : 'conversation.gone',
    peer,
    'conversation.gone',
    'conversation.gone',
    'conversation.gone',
  );
/** A new door without a row is an error of types, and of the test. */
export const live: Record<DoorName, Row> = {
  'caller.view': row('ok', 'ok', no, no),
  'request.open': row('ok', 'ok', no, no),
  'request.setChannel': row('request.gone', 'request.gone', no, no),
  'request.leave': row('request.gone', 'request.gone', no, no),
  'caller.takeOver': row('ok', 'ok', no, no),
  'conversation.nextPeer': row(no, 'conversation.gone', no, no),
  'survey.submit': row('survey.gone', 'survey.gone', no, no),
  'code.create': row('ok', 'ok', no, no),
  'code.revoke': row('ok', 'ok', no, no),
  'desk.view': row(no, no, 'ok', 'ok', 'ok'),
  'shift.start': row(no, no, 'ok', 'ok'),
  'shift.end': row(no, no, 'peer.talking', 'ok'),
  'peer.setState': row(no, no, 'ok', 'ok'),
  'peer.setLimit': row(no, no, 'ok', 'ok'),
  'peer.setChannels': row(no, no, 'ok', 'ok'),
  'offer.accept': row(no, no, 'ok', 'offer.gone'),
  'offer.decline': row(no, no, 'ok', 'offer.gone'),
  'offer.recuse': row(no, no, 'ok', 'offer.gone'),
  'wrapUp.submit': row(no, no, 'wrapUp.gone', 'wrapUp.gone'),
  'wrapUp.keep': row(no, no, 'wrapUp.gone', 'wrapUp.gone'),
  'wrapUp.draft': row(no, no, 'wrapUp.gone', 'wrapUp.gone'),
  'colleagues.list': row(no, no, 'ok', 'conversation.gone'),
  'invitation.make': row(no, no, 'invitation.nobody', 'conversation.gone'), // to somebody who is not there
  'invitation.answer': row('invitation.gone', 'invitation.gone', no, no),
  'invitation.withdraw': row('invitation.gone', 'invitation.gone', 'invitation.gone', 'invitation.gone'),
  'invitation.accept': row(no, no, 'invitation.gone', 'invitation.gone', 'invitation.gone'),
  'invitation.decline': row(no, no, 'invitation.gone', 'invitation.gone', 'invitation.gone'),
  'escalation.raise': row(no, no, 'escalation.notOffered', 'conversation.gone'), // the line of the tests has no clinicians
  'escalation.again': row(no, no, 'escalation.gone', 'escalation.gone'),
  'escalation.ask': row('escalation.notOffered', 'conversation.gone', no, no),
  'escalation.answer': row('escalation.gone', 'escalation.gone', no, no),
  'consent.revoke': row('escalation.gone', 'escalation.gone', no, no),
  'escalation.withdraw': row('escalation.gone', 'escalation.gone', 'escalation.gone', 'escalation.gone'),
  'clinician.view': row(no, no, no, no, no, 'ok'),
  'escalation.acknowledge': row(no, no, no, no, no, 'escalation.gone'),
  'page.shown': row(no, no, no, no, no, 'escalation.gone'),
  'escalation.decline': row(no, no, no, no, no, 'escalation.gone'),
  'escalation.read': row(no, no, no, no, no, 'escalation.gone'),
  'escalation.join': row(no, no, no, no, no, 'escalation.gone'),
  'escalation.close': row(no, no, no, no, no, 'escalation.gone'),
  'escalation.keep': row(no, no, no, no, no, 'escalation.gone'),
  'escalation.draft': row(no, no, no, no, no, 'escalation.gone'),
  'means.list': row(no, no, no, no, 'ok', 'ok'),
  'means.add': row(no, no, no, no, no, no), // those of the test have no row of staff; tests/means has those who have
  'means.remove': row(no, no, no, no, 'means.gone', 'means.gone'),
  'means.test': row(no, no, no, no, 'means.gone', 'means.gone'),
  'means.heard': row(no, no, no, no, 'means.gone', 'means.gone'),
  'board.view': row(no, no, no, no, 'ok'),
  'measures.view': row(no, no, no, no, 'ok'),
  'roster.view': row(no, no, no, no, 'ok', 'ok'),
  'roster.save': row(no, no, no, no, no), // of another line; tests/onCall has their own
  'roster.override': row(no, no, no, no, 'roster.gone'),
  'roster.removeOverride': row(no, no, no, no, 'roster.gone'),
  'conversation.end': inTalk('ok', 'ok'),
  'conversation.leave': inTalk(no, 'ok'),
  'conversation.handOver': inTalk(no, 'party.gone'), // to somebody who is not in it
  'party.remove': row('party.gone', 'conversation.gone', no, no),
  'consent.revokeFor': row('party.gone', 'conversation.gone', no, no),
  'channel.propose': inTalk('channel.noRoom', 'channel.noRoom'), // Maya is being asked for another talk
  'channel.answer': inTalk('channel.gone', 'channel.gone'),
  'channel.withdraw': inTalk('channel.gone', 'channel.gone'),
  'media.join': inTalk('media.notCalling', 'media.notCalling'),
  'media.signal': inTalk('conversation.gone', 'conversation.gone'), // to somebody who is not in it
  'message.send': inTalk('ok', 'ok'),
  'message.fetch': inTalk('ok', 'ok'),
  'message.mark': inTalk('ok', 'ok'),
  'message.typing': row('ok', 'ok', 'ok', 'ok', 'ok', 'ok'), // told only to a room the teller is in
  'key.get': inTalk('ok', 'ok'),
};

/** ended: the wrap-up is still due; wrapped: it is in; purged: keys and text are gone; forgotten: the caller is gone too. */
export const overStates = ['ended', 'wrapped', 'purged', 'forgotten'] as const;
export type Over = (typeof overStates)[number];
type Both = readonly [caller: string, peer: string];
const over = (ended: Both, wrapped: Both, purged: Both, forgotten: Both): Record<Over, Both> => ({
  ended,
  wrapped,
  purged,
  forgotten,
});
const both = (code: string): Both => [code, code];
/** What the caller and the peer of a conversation knock out when it is over. Doors that change it are asked last. */
export const conversationOver: Partial<Record<DoorName, Record<Over, Both>>> = {
  'message.fetch': over(both('ok'), ['ok', 'conversation.gone'], both('conversation.gone'), both('conversation.gone')),
  'key.get': over(both('ok'), ['ok', 'conversation.gone'], both('conversation.gone'), both('conversation.gone')),
  'message.mark': over(
    both('conversation.gone'),
    both('conversation.gone'),
    both('conversation.gone'),
    both('conversation.gone'),
  ),
  'message.typing': over(both('ok'), both('ok'), both('ok'), both('ok')), // told only to a room the teller is in
  'message.send': over(
    both('conversation.ended'),
    both('conversation.ended'),
    both('conversation.ended'),
    both('conversation.gone'),
  ),
  'conversation.end': over(
    both('conversation.ended'),
    both('conversation.ended'),
    both('conversation.ended'),
    both('conversation.gone'),
  ),
  'colleagues.list': over(
    [no, 'conversation.gone'],
    [no, 'conversation.gone'],
    [no, 'conversation.gone'],
    [no, 'conversation.gone'],
  ),
  'escalation.raise': over(
    [no, 'conversation.ended'],
    [no, 'conversation.ended'],
    [no, 'conversation.ended'],
    [no, 'conversation.gone'],
  ),
  'escalation.ask': over(
    ['conversation.ended', no],
    ['conversation.ended', no],
    ['conversation.ended', no],
    ['conversation.gone', no],
  ),
  ...Object.fromEntries(
    (['channel.propose', 'channel.answer', 'channel.withdraw', 'media.join'] as const).map((name) => [
      name,
      over(
        both('conversation.ended'),
        both('conversation.ended'),
        both('conversation.ended'),
        both('conversation.gone'),
      ),
    ]),
  ),
  'media.signal': over(
    both('conversation.gone'),
    both('conversation.gone'),
    both('conversation.gone'),
    both('conversation.gone'),
  ),
  ...Object.fromEntries(
    (['conversation.leave', 'conversation.handOver', 'invitation.make'] as const).map((name) => [
      name,
      over(
        [no, 'conversation.ended'],
        [no, 'conversation.ended'],
        [no, 'conversation.ended'],
        [no, 'conversation.gone'],
      ),
    ]),
  ),
  'party.remove': over(
    ['conversation.ended', no],
    ['conversation.ended', no],
    ['conversation.ended', no],
    ['conversation.gone', no],
  ),
  'consent.revokeFor': over(['party.gone', no], ['party.gone', no], ['party.gone', no], ['conversation.gone', no]),
  'conversation.nextPeer': over(
    ['conversation.ended', no],
    ['conversation.ended', no],
    ['conversation.ended', no],
    ['conversation.gone', no],
  ),
  'survey.submit': over(['ok', no], ['ok', no], ['survey.gone', no], ['survey.gone', no]),
  'wrapUp.draft': over([no, 'ok'], [no, 'wrapUp.gone'], [no, 'ok'], [no, 'wrapUp.gone']),
  'wrapUp.keep': over([no, 'ok'], [no, 'wrapUp.gone'], [no, 'wrapUp.gone'], [no, 'wrapUp.gone']),
  // the room of a peer who is late with it is given back even when the text is gone
  'wrapUp.submit': over([no, 'ok'], [no, 'wrapUp.gone'], [no, 'ok'], [no, 'wrapUp.gone']),
};

export const offerStates = ['accepted', 'declined', 'expired', 'rescinded', 'purged'] as const;
export type OfferOver = (typeof offerStates)[number];
const offerGone: Record<OfferOver, string> = {
  accepted: 'offer.gone',
  declined: 'offer.gone',
  expired: 'offer.expired',
  rescinded: 'offer.gone',
  purged: 'offer.gone',
};
/** What the peer it was put to knocks out when an offer is over. */
export const offerOver: Partial<Record<DoorName, Record<OfferOver, string>>> = {
  'offer.accept': offerGone,
  'offer.decline': offerGone,
  'offer.recuse': offerGone,
};

/** The doors whose input names a record, found by their schema. */
export const naming = (field: 'conversationId' | 'offerId'): DoorName[] =>
  (Object.keys(doors) as DoorName[]).filter((name) => Object.hasOwn(doors[name].input.shape, field));

/** Ids that a call carries for its own sake and that name no record. */
const ownIds = ['commandId', 'clientId'];
/** Of the roster, which no talk takes with it: tests/onCall has what is theirs, another line's and gone. */
const rosterIds = ['lineId', 'layerId', 'overrideId', 'staffId'];
export const namedFields = (): string[] => [
  ...new Set(
    Object.values(doors).flatMap((d) =>
      Object.keys(d.input.shape).filter((k) => /Id$/i.test(k) && ![...ownIds, ...rosterIds].includes(k)),
    ),
  ),
];

export function inputOf(name: DoorName, conversationId: string, offerId: string): unknown {
  const commandId = randomUUID();
  const message = {
    conversationId,
    clientId: randomUUID(),
    epoch: 1,
    iv: randomBytes(12).toString('base64'),
    ciphertext: randomBytes(80).toString('base64'),
  };
  const special: Partial<Record<DoorName, unknown>> = {
    'message.send': message,
    'message.fetch': { conversationId, after: 0 },
    'message.mark': { conversationId, delivered: 0, read: 0 },
    'message.typing': { conversationId },
    'key.get': { conversationId },
    'channel.propose': { commandId, conversationId, channel: 'voice' },
    'channel.answer': { commandId, conversationId, channel: 'voice', yes: true },
    'channel.withdraw': { commandId, conversationId },
    'media.join': { conversationId, canEncrypt: true },
    'media.signal': {
      conversationId,
      generation: 1,
      session: 'of-this-join',
      to: randomUUID(),
      toSession: null,
      signal: { kind: 'hello' },
    },
    'request.setChannel': { commandId, channel: 'voice' },
    'peer.setChannels': { commandId, channels: ['chat', 'voice'] },
    'conversation.nextPeer': { commandId, conversationId },
    'conversation.leave': { commandId, conversationId },
    'conversation.handOver': { commandId, conversationId, to: randomUUID() },
    'party.remove': { commandId, conversationId, partyId: randomUUID() },
    'consent.revokeFor': { commandId, conversationId, partyId: randomUUID() },
    'conversation.end': { commandId, conversationId, reason: 'finished' },
    'survey.submit': { commandId, conversationId, scores: { heard: 5 }, words: 'someone stayed' },
    'wrapUp.draft': { conversationId },
    'wrapUp.keep': { conversationId, topic: 'Work', outcome: '', referrals: 'the library', debrief: false },
    'wrapUp.submit': {
      commandId,
      conversationId,
      topic: 'Work',
      outcome: 'Ended together',
      referrals: 'the library',
      strain: 1,
      debrief: false,
    },
    'offer.accept': { commandId, offerId },
    'offer.decline': { commandId, offerId },
    'offer.recuse': { commandId, offerId },
    'colleagues.list': { conversationId },
    'invitation.make': { commandId, conversationId, purpose: 'join', staffId: randomUUID() },
    'invitation.answer': { commandId, invitationId: randomUUID(), yes: true, share: 'nothing' },
    ...Object.fromEntries(
      (['withdraw', 'accept', 'decline'] as const).map((act) => [
        `invitation.${act}`,
        { commandId, invitationId: randomUUID() },
      ]),
    ),
    'escalation.raise': { commandId, conversationId, kind: 'consult', reason: 'medicine' },
    'escalation.ask': { commandId, conversationId, share: 'nothing' },
    'escalation.answer': { commandId, escalationId: randomUUID(), yes: true, share: 'nothing' },
    'escalation.read': { escalationId: randomUUID() },
    'page.shown': { escalationId: randomUUID() },
    'escalation.draft': { escalationId: randomUUID() },
    'escalation.keep': { escalationId: randomUUID(), told: 'All well.', note: '', safetyPlan: '', referrals: '' },
    'escalation.close': { commandId, escalationId: randomUUID(), disposition: 'advised', told: 'All well.' },
    ...Object.fromEntries(
      (['again', 'withdraw', 'acknowledge', 'decline', 'join'] as const).map((act) => [
        `escalation.${act}`,
        { commandId, escalationId: randomUUID() },
      ]),
    ),
    'consent.revoke': { commandId, escalationId: randomUUID() },
    'means.add': { commandId, label: 'This browser', way: { kind: 'alarm' } },
    'means.remove': { commandId, meansId: randomUUID() },
    'means.test': { commandId, meansId: randomUUID() },
    'means.heard': { commandId, pageId: randomUUID() },
    'roster.save': { commandId, lineId: randomUUID(), version: 'A'.repeat(22), layers: [] },
    'roster.override': {
      commandId,
      layerId: randomUUID(),
      from: '2026-12-24T08:00:00.000Z',
      until: '2026-12-25T08:00:00.000Z',
      staffId: null,
    },
    'roster.removeOverride': { commandId, overrideId: randomUUID() },
    'peer.setState': { commandId, state: 'break' },
    'peer.setLimit': { commandId, chats: 2 },
  };
  const bare = [
    'caller.view',
    'caller.takeOver',
    'code.create',
    'code.revoke',
    'desk.view',
    'clinician.view',
    'means.list',
    'board.view',
    'measures.view',
    'roster.view',
  ].includes(name);
  return special[name] ?? (bare ? {} : { commandId });
}

/** Knocks without a browser: the whole way of a call behind HTTP and sockets. */
export function knocker(deps: Deps) {
  const doorDeps: DoorDeps = {
    ...deps,
    lane: createLane({ pool: deps.pool, clock: deps.clock, deliver: () => {} }),
    limits: createLimits({
      ...deps,
      config: {
        ...deps.config,
        limits: { ...deps.config.limits, violationsPerMin: 1_000_000, callsPer10S: 1_000_000 },
      },
    }), // these knock where they must not
    tellMarks: () => {},
    tellTyping: () => {},
    tellSignal: () => {},
    tellTaken: () => {},
    takeOver: async () => {},
    shownTo: async (view) => view,
  };
  const answer = (actor: Actor, name: DoorName, input: unknown) =>
    knock(doorDeps, { actor, tab: null, network: 'n' }, name, input);
  return {
    doorDeps,
    answer,
    async code(actor: Actor, name: DoorName, input: unknown): Promise<string> {
      const given = await answer(actor, name, input);
      return given.ok ? 'ok' : given.refusal.code;
    },
  };
}

export const staffOf = (lineId: string, role: Role): StaffActor => ({
  kind: 'staff',
  id: randomUUID(),
  name: role,
  roles: [role],
  lineIds: [lineId],
  locked: false,
});
