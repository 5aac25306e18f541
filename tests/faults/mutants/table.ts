/** A bug seeded into the product while it is loaded: exact text that must be there once, and what takes its place. */
export type Mutant = { name: string; file: string; text: string; becomes: string };

/**
 * By the invariant that must notice, in the runs they are seeded into: those that bring everything to a stop would keep
 * the others from being reached.
 */
export type Run = 'goes on' | 'stops rooms' | 'stops words' | 'calls';
export const mutants: readonly (Mutant & { caughtBy: string; run: Run })[] = [
  {
    name: 'who came last is offered first',
    run: 'goes on',
    caughtBy: 'I3',
    file: 'shared/src/domain/routing/pickMatches.ts',
    text: `a.class - b.class || a.joinedAt - b.joinedAt`,
    becomes: `a.class - b.class || b.joinedAt - a.joinedAt`,
  },
  {
    name: 'a message is told to everybody',
    run: 'goes on',
    caughtBy: 'I14',
    file: 'server/src/realtime/live.ts',
    text: `of adapter.rooms.get(talkRoom(m.conversationId)) ?? []) {
          const socket = sockets.get(id) as LiveSocket | undefined; // one by one: a broadcast costs more than two of these
          if (!socket || (socket.data.epochs?.get(m.conversationId) ?? 0) < m.epoch) continue;`,
    becomes: `of sockets.keys()) {
          const socket = sockets.get(id) as LiveSocket | undefined;
          if (!socket) continue;`,
  },
  {
    name: 'the browser of a caller is printed',
    run: 'goes on',
    caughtBy: 'I24',
    file: 'server/src/realtime/visitors.ts',
    text: `if (!fromOwnPage(req, deps.config)) return null;`,
    becomes: `console.log(req.headers['user-agent']);`,
  },
  {
    name: 'the request stays matched when its conversation ends',
    run: 'stops rooms',
    caughtBy: 'I2',
    file: 'server/src/commands/conversations/endConversation.ts',
    text: `rev = rev + 1 where id = $1 and state = 'matched'`,
    becomes: `rev = rev + 1 where id = $1 and state = 'nothing'`,
  },
  {
    name: 'a wrap-up does not give the room back',
    run: 'stops rooms',
    caughtBy: 'I5',
    file: 'server/src/commands/wrapUps/submitWrapUp.ts',
    text: `greatest(0, load - $2)`,
    becomes: `greatest(0, load - 0 * $2::int)`,
  },
  {
    name: 'the number told to the sender is not the one stored',
    run: 'stops words',
    caughtBy: 'I11',
    file: 'server/src/delivery/lane.ts',
    text: `w.answer(ok({ seq, sentAt }));`,
    becomes: `w.answer(ok({ seq: seq + 1, sentAt }));`,
  },
  {
    name: 'a message is told under another id',
    run: 'stops words',
    caughtBy: 'I12',
    file: 'server/src/delivery/lane.ts',
    text: `({ ...w.input, senderId: w.senderId, seq, sentAt })`,
    becomes: `({ ...w.input, clientId: w.senderId, senderId: w.senderId, seq, sentAt })`,
  },
  {
    name: 'accepting is not on record',
    run: 'goes on',
    caughtBy: 'I19',
    file: 'server/src/commands/offers/answerOffer.ts',
    text: `tx.audit('offer.accepted', offer.lineId, offer.id, { conversationId });`,
    becomes: ``,
  },
  {
    name: 'a step of the ladder waits three seconds more',
    run: 'calls',
    caughtBy: 'I8:',
    file: 'shared/src/domain/escalation.machine.ts',
    text: `dueAt: after(ground.now, seconds) };`,
    becomes: `dueAt: after(ground.now, seconds + 3) };`,
  },
  {
    name: 'a call goes on although its talk is over',
    run: 'calls',
    caughtBy: 'I8 I9:',
    file: 'server/src/commands/conversations/endConversation.ts',
    text: `await endWithTalk(deps, tx, talk, goesOn);`,
    becomes: ``,
  },
  {
    name: 'whoever is in a talk is shown that they hold it',
    run: 'calls',
    caughtBy: 'I10 CT1:',
    file: 'server/src/presenters/talksIn.ts',
    text: `talking.parties.some((p) => p.id === actor.id && p.holds);`,
    becomes: `talking.parties.some((p) => p.id === actor.id);`,
  },
  {
    name: 'a page is handed to its provider again to be sure',
    run: 'calls',
    caughtBy: 'I16:',
    file: 'server/src/means/sendPages.ts',
    text: `return await Promise.race([means.send(pageOf(deps, row), deps, timer.signal), late]);`,
    becomes: `await means.send(pageOf(deps, row), deps, timer.signal); return await Promise.race([means.send(pageOf(deps, row), deps, timer.signal), late]);`,
  },
];
