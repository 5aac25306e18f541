import { bug, type Mutant } from './bug.ts';
import { ofInvitations } from './ofInvitations.ts';

const escalation = 'shared/src/domain/escalation.machine.ts';
const control = 'shared/src/domain/control.machine.ts';
const offer = 'shared/src/domain/offer.machine.ts';
const matches = 'shared/src/domain/routing/pickMatches.ts';
const roster = 'shared/src/domain/roster.ts';
const acts = 'tests/simulation/acts';

/** In the product's own rules wherever the rule is one of those; else in what the simulation does as the product does it. */
export const mutants: readonly Mutant[] = [
  bug(
    'I1',
    'asking again opens a second request, and no index forbids it',
    [`${acts}/requests.ts`, `if (live) return { requestId: live.id };`, ``],
    ['tests/simulation/store/rows.ts', `isLive.request(r) ? r.callerId : null`, `isLive.request(r) ? r.id : null`],
  ),
  bug('I2', 'who is sent to the head of the line stays matched', [
    `${acts}/parties.ts`,
    `    state: 'waiting',
    class: 0,`,
    `    state: 'matched',
    class: 0,`,
  ]),
  bug('I2', 'the place of somebody silent never lapses', [
    `${acts}/presence.ts`,
    `tx.due('request.lapse', request.id, heldUntil);`,
    ``,
  ]),
  bug('I4', 'the last free peer is not asked', [
    matches,
    `if (free.length === 0) break;`,
    `if (free.length <= 1) break;`,
  ]),
  bug('I4', 'who has declined once is not asked for an hour', [`${acts}/offers.ts`, `60_000;`, `3_600_000;`]),
  bug('I5', 'a wrap-up does not give the room back', [
    `${acts}/shifts.ts`,
    `Math.max(0, (peer?.load ?? 0) - cost)`,
    `peer?.load ?? 0`,
  ]),
  bug(
    'I6',
    'an offer that was answered expires all the same',
    [offer, `return offer.state === 'pending' && now >= offer.expiresAt;`, `return now >= offer.expiresAt;`],
    [`${acts}/offers.ts`, `(o) => o.state === 'pending', { state: to }`, `() => true, { state: to }`],
    [
      `${acts}/offers.ts`,
      `  tx.undue('offer.expire', offer.id);
}

function giveBack`,
      `}

function giveBack`,
    ],
    [`${acts}/offers.ts`, `(r) => r.state === 'offered', { state: 'waiting' }`, `() => true, { state: 'waiting' }`],
  ),
  bug('I6', 'an offer is accepted after its time', [
    offer,
    `return now >= offer.expiresAt ? refuse('offer.expired') : ok(`,
    `return ok(`,
  ]),
  bug('I8', 'who said "I am on it" and never came is waited for', [
    escalation,
    `return e.state === 'asking' ? { state: 'unanswered' } : climb(e.rung, ground);`,
    `return e.state === 'asking' ? { state: 'unanswered' } : e.state === 'acknowledged' ? null : climb(e.rung, ground);`,
  ]),
  bug('I8', 'a rung has no timer', [
    `${acts}/ladder.ts`,
    `else tx.due('escalation.goOn', row.id, dueAt);`,
    `else if (next.state !== 'paging') tx.due('escalation.goOn', row.id, dueAt);`,
  ]),
  bug('I8', 'an escalation outlives its talk', [
    escalation,
    `if (isOver(e) || e.state === 'joined' || e.state === 'left') return null;`,
    `if (isOver(e) || e.state !== 'asking') return null;`,
  ]),
  bug('I4', 'no server takes over when all workers are dead', [
    'tests/simulation/processes.ts',
    `return workers.length > 0 || world.now < noWorkerSince + promptMs + beatMs ? workers : alive('server');`,
    `return workers;`,
  ]),
  bug('I8', 'whoever starts does not look for what is due already', [
    'tests/simulation/background.ts',
    `      sweep();
      match();`,
    `      match();`,
  ]),
  bug('I8', 'a step lasts twice as long as the ladder says', [
    escalation,
    `dueAt: after(ground.now, seconds) }`,
    `dueAt: after(ground.now, 2 * seconds) }`,
  ]),
  bug('I9', 'the end of the ladder is silent', [
    `${acts}/ladder.ts`,
    `if (next.state === 'exhausted') alarmCoordinators(tx, row.id);`,
    ``,
  ]),
  bug('I9', 'only the first coordinator is alarmed', [
    `${acts}/ladder.ts`,
    `for (const staffId of coordinators)`,
    `for (const staffId of coordinators.slice(0, 1))`,
  ]),
  bug('I10', 'the second who says "I am on it" has it', [
    escalation,
    `    case 'joined':
    case 'left':
      return e.ownerId === staffId ? ok(e) : refuse('escalation.taken');`,
    `    case 'joined':
    case 'left':
      return ok(e.ownerId === staffId ? e : { ...e, ownerId: staffId });`,
  ]),
  bug('I10', 'anybody says "I am on it"', [
    `${acts}/escalations.ts`,
    `some((p) => p.staffId === staffId && p.step > 0)`,
    `some(() => true)`,
  ]),
  bug('I14', 'whoever joins reads what was said before', [
    `${acts}/messages.ts`,
    `if (message.epoch < place.fromEpoch || message.seq <= place.afterSeq) return false;`,
    ``,
  ]),
  bug('I14', 'whoever has left reads on', [
    `${acts}/messages.ts`,
    `if (place.leftAt === null) return true;`,
    `if (place.leftAt !== undefined) return true;`,
  ]),
  bug(
    'I16',
    'a page that is being sent is claimed once more',
    [`${acts}/pages.ts`, `.filter((page) => page.state === 'due')`, `.filter(() => true)`],
    [`${acts}/pages.ts`, `(q) => q.state === 'due', {`, `() => true, {`],
  ),
  bug('I22', 'a yes is taken whenever it comes', [
    escalation,
    `if (e.state !== 'asking') return refuse('escalation.gone');
  return ok(yes`,
    `return ok(yes`,
  ]),
  bug('I22', 'what somebody has joined is taken back', [
    escalation,
    `    case 'exhausted':
      return ok({ state: 'withdrawn' });`,
    `    case 'exhausted':
    case 'joined' as never:
      return ok({ state: 'withdrawn' });`,
  ]),
  bug('I26', 'a process believes its own clock', [
    'tests/simulation/processes.ts',
    `clock: () => own() + measured,`,
    `clock: () => own() + 0 * measured,`,
  ]),
  bug('CT1', 'a lost holder keeps the talk for ten minutes', [
    `${acts}/talks.ts`,
    `peerBackMs = 60_000`,
    `peerBackMs = 600_000`,
  ]),
  bug('CT1', 'the holder goes, and nobody has it', [
    `${acts}/parties.ts`,
    `if (heir) putOut(tx, passTo(tx, talk, heir, why), talk.peerId, why);`,
    `if (heir) putOut(tx, talk, talk.peerId, why);`,
  ]),
  bug('CT2', 'the clinician in the talk is passed over for the head of the line', [
    control,
    `return heir?.id ?? null;`,
    `return others.length > 9 ? (heir?.id ?? from) : null;`,
  ]),
  bug('CT4', 'a talk passes to somebody whose browser is lost', [
    control,
    `one.id !== from && one.lostAt === null`,
    `one.id !== from`,
  ]),
  bug(
    'CT4',
    'anybody in a talk takes it',
    [`${acts}/parties.ts`, `allow(talk.peerId === staffId, 'control.notYours');`, ``],
    [`${acts}/parties.ts`, `id === to && id !== staffId`, `id === to`],
  ),
  bug('ES2', 'the last call of each step is left out', [
    escalation,
    `from.attempt < times`,
    `from.attempt + 1 < times`,
  ]),
  bug('ES2', 'a step without anybody ends the ladder', [
    escalation,
    `if (pagedId && seconds) return`,
    `if (!pagedId) return { state: 'exhausted' };
    if (seconds) return`,
  ]),
  bug('ES5', 'a call that reached nobody is waited for', [
    escalation,
    `if (e.state !== 'paging' || e.pagedId !== staffId) return null;`,
    `if (e.state !== 'paging' || e.pagedId === staffId) return null;`,
  ]),
  bug('ES8', 'taking a hand-off back gives the talk away', [
    `${acts}/escalations.ts`,
    `move(tx, found, orRefuse(withdraw(machineOf(found.row))));`,
    `move(tx, found, orRefuse(withdraw(machineOf(found.row))));
    tx.change('talk', found.talk.id, (t) => t.state === 'live', { peerId: found.talk.callerId });`,
  ]),
  bug('ES15', 'who joined and is out of it blocks everybody else', [
    escalation,
    `e.state === 'joined' && e.ownerId === staffId ? { ...e, state: 'left' } : null;`,
    `null;`,
  ]),
  bug('ES16', 'a call for the caller is dropped when the peer goes', [
    escalation,
    `return goesOn && kind !== 'consult' && e.state !== 'asking' ? null : { state: 'withdrawn' };`,
    `return { state: 'withdrawn' };`,
  ]),
  bug('ES16', 'whoever takes the caller from the line leaves the talk with the peer who is gone', [
    `${acts}/join.ts`,
    `{ id: staffId, role: 'clinician', cost: 1 }`,
    `{ id: talk.peerId, role: 'clinician', cost: 1 }`,
  ]),
  bug('I8', 'the next peer has the caller, and the call stays where it was', [
    `${acts}/openTalk.ts`,
    `if (request.class === 0) followCaller(tx, callerId, id);`,
    ``,
  ]),
  bug('I8', 'the caller leaves the line, and is called for on and on', [
    `${acts}/requests.ts`,
    `endWithRequest(tx, request.callerId);`,
    ``,
  ]),
  bug('PA2', 'somebody goes, and the key stays', [
    `${acts}/parties.ts`,
    `  newEpoch(tx, talk.id);
  tx.emit`,
    `  tx.emit`,
  ]),
  bug('CO2', 'a hold counts from when a peer took the caller, and not from when they were lost', [
    `${acts}/openTalk.ts`,
    `absentSince + silentHoldMs`,
    `tx.now + silentHoldMs`,
  ]),
  bug('ES15', 'closing advice ends that of whoever has followed', [
    `${acts}/escalations.ts`,
    ` && !isFollowed(tx, found)`,
    ``,
  ]),
  bug('ES15', 'advice whose peer has left is still joined', [
    `${acts}/sides.ts`,
    `if (side?.peerId === peerId) endAdvice(tx, talk, side);`,
    `if (side?.peerId === peerId) end(tx, side);`,
  ]),
  bug('RO4', 'a gap is where one of the steps has nobody', [
    roster,
    `!someone.some((on) => on(at))`,
    `!someone.every((on) => on(at))`,
  ]),
  ...ofInvitations,
];
