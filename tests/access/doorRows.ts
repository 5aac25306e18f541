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
const row = (owner: string, otherCaller: string, peer: string, otherPeer: string, coordinator: string = no): Row => ({
  owner,
  otherCaller,
  peer,
  otherPeer,
  staff: no,
  coordinator,
});
/** A new door without a row is an error of types, and of the test. */
export const live: Record<DoorName, Row> = {
  'caller.view': row('ok', 'ok', no, no),
  'request.open': row('ok', 'ok', no, no),
  'request.leave': row('request.gone', 'request.gone', no, no),
  'caller.takeOver': row('ok', 'ok', no, no),
  'conversation.nextPeer': row(no, 'conversation.gone', no, no),
  'survey.submit': row('survey.gone', 'survey.gone', no, no),
  'code.create': row('ok', 'ok', no, no),
  'code.revoke': row('ok', 'ok', no, no),
  'desk.view': row(no, no, 'ok', 'ok'),
  'shift.start': row(no, no, 'ok', 'ok'),
  'shift.end': row(no, no, 'peer.talking', 'ok'),
  'peer.setState': row(no, no, 'ok', 'ok'),
  'peer.setLimit': row(no, no, 'ok', 'ok'),
  'offer.accept': row(no, no, 'ok', 'offer.gone'),
  'offer.decline': row(no, no, 'ok', 'offer.gone'),
  'offer.recuse': row(no, no, 'ok', 'offer.gone'),
  'wrapUp.submit': row(no, no, 'wrapUp.gone', 'wrapUp.gone'),
  'wrapUp.keep': row(no, no, 'wrapUp.gone', 'wrapUp.gone'),
  'wrapUp.draft': row(no, no, 'wrapUp.gone', 'wrapUp.gone'),
  'board.view': row(no, no, no, no, 'ok'),
  'conversation.end': row('ok', 'conversation.gone', 'ok', 'conversation.gone'),
  'message.send': row('ok', 'conversation.gone', 'ok', 'conversation.gone'),
  'message.fetch': row('ok', 'conversation.gone', 'ok', 'conversation.gone'),
  'message.mark': row('ok', 'conversation.gone', 'ok', 'conversation.gone'),
  'message.typing': row('ok', 'ok', 'ok', 'ok'), // told only to a room the teller is in
  'key.get': row('ok', 'conversation.gone', 'ok', 'conversation.gone'),
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
export const namedFields = (): string[] => [
  ...new Set(
    Object.values(doors).flatMap((d) =>
      Object.keys(d.input.shape).filter((k) => /Id$/i.test(k) && !ownIds.includes(k)),
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
    'conversation.nextPeer': { commandId, conversationId },
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
    'peer.setState': { commandId, state: 'break' },
    'peer.setLimit': { commandId, chats: 2 },
  };
  const bare = ['caller.view', 'caller.takeOver', 'code.create', 'code.revoke', 'desk.view', 'board.view'].includes(
    name,
  );
  return special[name] ?? (bare ? {} : { commandId });
}

/** Knocks without a browser: the whole way of a call behind HTTP and sockets. */
export function knocker(deps: Deps) {
  const doorDeps: DoorDeps = {
    ...deps,
    lane: createLane({ pool: deps.pool, clock: deps.clock, deliver: () => {} }),
    limits: createLimits({
      ...deps,
      config: { ...deps.config, limits: { ...deps.config.limits, violationsPerMin: 1_000_000 } },
    }), // these knock where they must not
    tellMarks: () => {},
    tellTyping: () => {},
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
