/** A bug seeded into the product while it is loaded: exact text that must be there once, and what takes its place. */
export type Mutant = { name: string; file: string; text: string; becomes: string };

/** By the invariant that must notice. They do not stand in each other's way, so one run proves them all. */
export const mutants: readonly (Mutant & { caughtBy: string })[] = [
  {
    name: 'the request stays matched when its conversation ends',
    caughtBy: 'I2',
    file: 'server/src/commands/conversations/endConversation.ts',
    text: `rev = rev + 1 where id = $1 and state = 'matched'`,
    becomes: `rev = rev + 1 where id = $1 and state = 'nothing'`,
  },
  {
    name: 'a wrap-up does not give the room back',
    caughtBy: 'I5',
    file: 'server/src/commands/wrapUps/submitWrapUp.ts',
    text: `greatest(0, load - $2)`,
    becomes: `greatest(0, load - 0 * $2::int)`,
  },
  {
    name: 'the number told to the sender is not the one stored',
    caughtBy: 'I11',
    file: 'server/src/delivery/lanes.ts',
    text: `w.answer(ok({ seq, sentAt }));`,
    becomes: `w.answer(ok({ seq: seq + 1, sentAt }));`,
  },
  {
    name: 'a message is told under another id',
    caughtBy: 'I12',
    file: 'server/src/delivery/lanes.ts',
    text: `({ ...w.input, senderId: w.senderId, seq, sentAt })`,
    becomes: `({ ...w.input, clientId: w.senderId, senderId: w.senderId, seq, sentAt })`,
  },
  {
    name: 'accepting is not on record',
    caughtBy: 'I19',
    file: 'server/src/commands/offers/answerOffer.ts',
    text: `tx.audit('offer.accepted', offer.lineId, offer.id, { conversationId });`,
    becomes: ``,
  },
];
