import { randomUUID } from 'node:crypto';
import { system, type Actor } from '@hearthline/server/policies/actor';
import { can, type Action } from '@hearthline/server/policies/can';
import { expect, test } from 'vitest';
import { staffOf } from './doorRows.ts';

/** Who may do what to a record that is theirs in every way it can be. A new action without a row is an error of types. */
const may: Record<Action, string> = {
  'request.leave': 'caller',
  'offer.answer': 'peer',
  'conversation.read': 'caller peer clinician coordinator',
  'conversation.leave': 'peer clinician coordinator',
  'conversation.hold': 'peer clinician coordinator',
  'conversation.end': 'caller peer clinician coordinator',
  'channel.change': 'caller peer clinician coordinator',
  'media.join': 'caller peer clinician coordinator',
  'party.remove': 'caller',
  'conversation.nextPeer': 'caller',
  'invitation.take': 'peer',
  'wrapUp.submit': 'peer',
  'escalation.raise': 'peer',
  'escalation.consent': 'caller',
  'escalation.answer': 'clinician',
  'escalation.have': 'clinician',
  'survey.submit': 'caller',
  'shift.work': 'peer',
  'board.see': 'coordinator administrator',
  'measures.see': 'coordinator administrator',
  'roster.see': 'clinician coordinator administrator',
  'roster.change': 'coordinator administrator',
  'means.own': 'clinician coordinator',
  'time.act': 'system',
};
test.each(Object.keys(may) as Action[])('[S7] %s: who may on their own, and nobody on another’s', (action) => {
  const lineId = randomUUID();
  const inIt = (id: string) => (['peer', 'clinician', 'coordinator'] as const).map((role) => ({ id, role }));
  const record = (id: string, onLine: string) => ({
    callerId: id,
    peerId: id,
    holderId: id,
    staff: inIt(id),
    staffId: id,
    ownerId: id,
    as: 'peer',
    called: onLine === lineId,
    lineId: onLine,
  });
  const actors: Actor[] = [
    { kind: 'caller', id: randomUUID(), lineId },
    ...(['peer', 'clinician', 'coordinator', 'administrator'] as const).map((r) => staffOf(lineId, r)),
    { ...staffOf(lineId, 'peer'), roles: ['system' as never] },
    system,
  ];
  const name = (a: Actor) => (a.kind === 'staff' ? (a.roles[0] ?? '') : a.kind);
  const own = actors.filter((a) => can(a, action, record(a.id, lineId) as never)).map(name);
  expect(own.join(' ')).toBe(may[action]);
  const others = actors.filter((a) => can(a, action, record(randomUUID(), randomUUID()) as never)).map(name);
  expect(others).toEqual(action === 'time.act' ? ['system'] : []);
});

test('[S7] an action that nobody has written down is refused to everybody', () => {
  const unknown = 'transcript.export' as Action;
  for (const actor of [system, staffOf('l', 'administrator')]) expect(can(actor, unknown, {})).toBe(false);
});

test('[CT1][I15] in it without holding it: reads, talks and leaves, and neither ends it nor changes how it is held', () => {
  const [peer, clinician] = [staffOf('l', 'peer'), staffOf('l', 'clinician')];
  const talk = {
    callerId: randomUUID(),
    holderId: peer.id,
    staff: [
      { id: peer.id, role: 'peer' as const },
      { id: clinician.id, role: 'clinician' as const },
    ],
  };
  const may = (actor: Actor) =>
    (
      [
        'conversation.read',
        'media.join',
        'conversation.leave',
        'conversation.hold',
        'channel.change',
        'conversation.end',
      ] as const
    ).filter((action) => can(actor, action, talk));
  expect(may(clinician)).toEqual(['conversation.read', 'media.join', 'conversation.leave']);
  expect(may(peer)).toHaveLength(6);
  expect(may({ ...clinician, roles: ['peer'] })).toEqual([]); // what they came in as is theirs no more
  expect(may({ ...peer, id: randomUUID(), roles: ['peer', 'clinician', 'administrator'] })).toEqual([]);
});
