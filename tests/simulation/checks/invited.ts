import type { RowOf } from '../store/rows.ts';
import type { Entry } from '../world.ts';
import { changesOf, isLate, type Check, type Seen } from './check.ts';

type Invitation = RowOf<'invitation'>;
const placeOf = ({ store }: Seen, { talkId }: Invitation, id: string | null) =>
  store.get('participant', `${talkId}/${id}`);
const moved = (before: Invitation | null, after: Invitation | null): after is Invitation =>
  after !== null && after.state !== before?.state;

/** [IN1][IN5] One that is open is of a talk that goes on, and of whoever holds it. */
export const askedByHolder: Check = ({ store }) =>
  [...store.live('invitation').values()].flatMap(({ id, talkId, askedBy }) => {
    const talk = store.get('talk', talkId);
    if (talk?.state !== 'live') return [`${id} is open, and its talk is over`];
    return talk.peerId === askedBy ? [] : [`${id} was asked by ${askedBy}, and ${talk.peerId} holds ${talkId}`];
  });

/** [IN2] The caller says yes before anybody is asked. */
export const callerFirst: Check = (seen) => {
  const wrong: string[] = [];
  for (const { entry, id, before, after } of changesOf(seen, 'invitation')) {
    if (!moved(before, after) || (after.state !== 'ringing' && after.state !== 'joined')) continue;
    const yes = entry.name === 'invitation.answer' && entry.actor === seen.store.get('talk', after.talkId)?.callerId;
    if (before?.state !== 'ringing' && !yes) wrong.push(`${id} is ${after.state} by ${entry.name} of ${entry.actor}`);
    if (!after.share) wrong.push(`${id} is ${after.state}, and its caller has agreed to nothing`);
  }
  return wrong;
};

/** [IN3] Whoever says yes is in the talk, as what they were asked for; to take it over they hold it, beside whoever asked. */
export const comesAsAsked: Check = (seen) => {
  const wrong: string[] = [];
  for (const { entry, id, before, after } of changesOf(seen, 'invitation')) {
    if (!moved(before, after) || after.state !== 'joined') continue;
    const [place, asker] = [placeOf(seen, after, after.ringsId), placeOf(seen, after, after.askedBy)];
    const role = after.purpose === 'help' ? 'coordinator' : 'peer';
    if (entry.actor !== after.ringsId || place?.leftAt !== null || place.role !== role)
      wrong.push(`${id} is joined by ${after.ringsId}, who is not in it as ${role}`);
    const holder = after.purpose === 'takeOver' ? after.ringsId : after.askedBy;
    if (seen.store.get('talk', after.talkId)?.peerId !== holder || asker?.leftAt !== null)
      wrong.push(`${id} is joined to ${after.purpose}, and its talk is not with ${holder} beside ${after.askedBy}`);
  }
  return wrong;
};

const nothing = ['refused', 'unanswered', 'returned', 'withdrawn'];
const ofTalk = new Set<string>(['talk', 'participant', 'request', 'wrapUp', 'message']);
/** Where it comes to nothing because the talk ended or passed, that is why, and not what it did. */
const isCause = ({ name }: Entry): boolean => /^(conversation\.|party\.remove|request\.)/.test(name);

/** [IN4] One that comes to nothing leaves the talk as it was; it goes on at its time; nobody is asked twice. */
export const leavesAsItWas: Check = (seen) => {
  const wrong: string[] = [];
  for (const { entry, id, before, after } of changesOf(seen, 'invitation')) {
    if (after && new Set(after.tried).size < after.tried.length) wrong.push(`${id} asked somebody twice`);
    if (!moved(before, after) || !nothing.includes(after.state) || isCause(entry)) continue;
    const touched = entry.changes.find((c) => ofTalk.has(c.table));
    if (touched) wrong.push(`${id} was ${after.state}, and ${touched.id} is not as it was`);
  }
  for (const { id, dueAt } of seen.store.live('invitation').values())
    if (dueAt === null || seen.store.get('due', `invitation.goOn/${id}`)?.at !== dueAt || isLate(seen, dueAt))
      wrong.push(`${id} is open, and nothing wakes it at its time`);
  return wrong;
};

/** [IN6] A talk goes to another line only to be taken over there, with nobody called for it; its request is where it is. */
export const linesMatch: Check = (seen) => {
  const wrong: string[] = [];
  for (const { entry, id, before, after } of changesOf(seen, 'talk')) {
    if (!before || !after || before.lineId === after.lineId) continue;
    const by = seen.store.get('peer', after.peerId);
    if (entry.name !== 'invitation.accept' || by?.lineId !== after.lineId)
      wrong.push(`${id} went to ${after.lineId} by ${entry.name} of ${after.peerId}`);
    if ([...seen.store.live('escalation').values()].some((e) => e.talkId === id))
      wrong.push(`${id} went to ${after.lineId}, and somebody is called for it`);
  }
  for (const talk of seen.store.live('talk').values())
    if (talk.requestId && seen.store.get('request', talk.requestId)?.lineId !== talk.lineId)
      wrong.push(`${talk.id} is of ${talk.lineId}, and its request is not`);
  return wrong;
};

/** [IN7] Help is asked of coordinators, everything else of peers of the line that it is for; of nobody who is in the talk. */
export const askedRightly: Check = (seen) => {
  const wrong: string[] = [];
  for (const { id, before, after } of changesOf(seen, 'invitation')) {
    if (after?.state !== 'ringing' || after.ringsId === before?.ringsId) continue;
    const { ringsId, purpose, lineId, whom } = after;
    const peer = seen.store.get('peer', ringsId ?? '');
    const fits = purpose === 'help' ? seen.line.coordinators.includes(ringsId ?? '') : peer?.lineId === lineId;
    const able = purpose === 'help' || (peer?.state === 'available' && peer.awaySince === null);
    if (!fits || !able || (whom ?? ringsId) !== ringsId) wrong.push(`${id} is asked of ${ringsId} to ${purpose}`);
    if (placeOf(seen, after, ringsId)?.leftAt === null) wrong.push(`${id} is asked of ${ringsId}, who is in the talk`);
  }
  return wrong;
};

/** [MA3] Nobody is asked two things at once. */
export const oneRingEach: Check = ({ store }) => {
  const rung = new Set<string>();
  const wrong: string[] = [];
  const add = (id: string) => (rung.has(id) ? void wrong.push(`${id} is asked two things at once`) : void rung.add(id));
  for (const offer of store.live('offer').values()) add(offer.peerId);
  for (const i of store.live('invitation').values()) if (i.state === 'ringing' && i.ringsId) add(i.ringsId);
  return wrong;
};

/** [PA7] Browser to browser, a call has three people at most. */
export const threeInCall: Check = ({ store, line }) =>
  line.direct
    ? [...store.live('talk').values()].flatMap(({ id, channel }) => {
        if (channel === 'chat') return [];
        const inIt = store.of('participant', id).filter((x) => x.leftAt === null).length;
        return inIt > 3 ? [`${id} is a call of ${inIt}`] : [];
      })
    : [];
