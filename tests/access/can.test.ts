import { randomUUID } from 'node:crypto';
import { system, type Actor } from '@hearthline/server/policies/actor';
import { can, type Action } from '@hearthline/server/policies/can';
import { expect, test } from 'vitest';
import { staffOf } from './doorRows.ts';

/** Who may do what to a record that is theirs in every way it can be. A new action without a row is an error of types. */
const may: Record<Action, string> = {
  'request.leave': 'caller',
  'offer.answer': 'peer',
  'conversation.read': 'caller peer',
  'conversation.end': 'caller peer',
  'conversation.nextPeer': 'caller',
  'wrapUp.submit': 'peer',
  'survey.submit': 'caller',
  'shift.work': 'peer',
  'board.see': 'coordinator administrator',
  'time.act': 'system',
};
test.each(Object.keys(may) as Action[])('[S7] %s: who may on their own, and nobody on another’s', (action) => {
  const lineId = randomUUID();
  const record = (id: string, onLine: string) => ({ callerId: id, peerId: id, lineId: onLine });
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
