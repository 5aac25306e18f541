import { bug, type Mutant } from './bug.ts';

const invitation = 'shared/src/domain/invitation.machine.ts';
const acts = 'tests/simulation/acts';

/** Of colleagues who are asked into talks. */
export const ofInvitations: readonly Mutant[] = [
  bug('IN1', 'an invitation outlives whoever asked', [
    `${acts}/parties.ts`,
    `  endInvitation(tx, talk);
`,
    ``,
  ]),
  bug('IN1', 'an invitation outlives its talk', [
    `${acts}/talks.ts`,
    `  endInvitation(tx, talk);
`,
    ``,
  ]),
  bug('IN1', 'anybody in a talk asks a colleague in', [
    `${acts}/invitations.ts`,
    `allow(talk.peerId === staffId, 'control.notYours');`,
    ``,
  ]),
  bug('IN2', 'a no of the caller asks somebody all the same', [
    invitation,
    `return ok(yes ? ring(ground) : { state: 'refused' });`,
    `return ok(yes || ground.next ? ring(ground) : { state: 'refused' });`,
  ]),
  bug('IN2', 'the silence of the caller is a yes', [
    invitation,
    `return i.state === 'asking' ? { state: 'unanswered' } : ring(ground);`,
    `return ring(ground);`,
  ]),
  bug('IN3', 'whoever takes it over does not hold it', [
    `${acts}/invited.ts`,
    `if (row.purpose === 'takeOver') takeOver(tx, talk, row, staffId);`,
    ``,
  ]),
  bug('IN4', 'who said no is asked again', [
    `${acts}/invitationRow.ts`,
    `      !tried.includes(s.id) &&
`,
    ``,
  ]),
  bug('IN4', 'an invitation has no timer', [
    `${acts}/invitationRow.ts`,
    `else tx.due('invitation.goOn', row.id, dueAt);`,
    ``,
  ]),
  bug('IN4', 'nobody comes, and the talk has another key', [
    `${acts}/invitationRow.ts`,
    `  tx.note(`,
    `  if (next.state === 'returned') tx.change('talk', talk.id, () => true, { epoch: talk.epoch + 1 });
  tx.note(`,
  ]),
  bug('IN6', 'a talk goes to another line, and the place of its caller stays', [
    `${acts}/invited.ts`,
    `  tx.change('request', talk.requestId, () => true, { lineId });
`,
    ``,
  ]),
  bug('IN6', 'a talk goes to another line while somebody is called for it', [
    `${acts}/invited.ts`,
    `  if (openEscalation(tx, talk.id)) throw new Refused('escalation.open');
`,
    ``,
  ]),
  bug('IN7', 'a coordinator is asked who is in the talk', [
    `${acts}/invitationRow.ts`,
    `!isIn(tx, talk.id, id) && !isRung`,
    `!isRung`,
  ]),
  bug('MA3', 'whoever is asked by a colleague is offered a caller', [
    `${acts}/offers.ts`,
    ` &&
  !isRung(store, s.id);`,
    `;`,
  ]),
  bug('I5', 'the room that was held for a colleague is not given back', [
    `${acts}/invitationRow.ts`,
    `giveRoom(tx, before, row.cost);`,
    `giveRoom(tx, before, 0);`,
  ]),
  bug('I14', 'a colleague reads all of before, whatever was agreed to', [
    `${acts}/invited.ts`,
    `=== 'conversation' ? 'all'`,
    `!== 'summary' ? 'all'`,
  ]),
  bug('I22', 'what a colleague has joined is taken back', [
    invitation,
    `if (isOver(i)) return refuse('invitation.gone');`,
    `if (isOver(i) && i.state !== 'joined') return refuse('invitation.gone');`,
  ]),
  bug('PA4', 'a peer whom the caller has asked to leave reads on', [
    `${acts}/messages.ts`,
    `return place.untilEpoch === null ||`,
    `return place.untilEpoch !== -1 ||`,
  ]),
  bug('PA7', 'browser to browser four are in a call', [`${acts}/parties.ts`, `staff + 1 > 3`, `staff + 1 > 4`]),
];
