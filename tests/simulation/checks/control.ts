import type { RowOf } from '../store/rows.ts';
import type { Entry } from '../world.ts';
import { changesOf, isLate, type Check, type Seen } from './check.ts';

const isIn = ({ store }: Seen, talkId: string, partyId: string): RowOf<'participant'> | undefined => {
  const place = store.get('participant', `${talkId}/${partyId}`);
  return place?.leftAt === null && place.role !== 'caller' ? place : undefined;
};

/** [CT1] Exactly one on staff holds a live talk, and is in it; [CT3] and who is lost does not hold it for longer than a minute. */
export const somebodyHolds: Check = (seen) => {
  const wrong: string[] = [];
  for (const talk of seen.store.live('talk').values()) {
    const holder = isIn(seen, talk.id, talk.peerId);
    if (!holder) wrong.push(`${talk.id} is held by ${talk.peerId}, who is not in it`);
    if (talk.sideOf) continue;
    if ((holder?.lostAt ?? null) !== talk.peerLostAt) wrong.push(`${talk.id} and its holder differ in who is lost`);
    if (talk.peerLostAt !== null && isLate(seen, talk.peerLostAt + 60_000))
      wrong.push(`${talk.id} is held by ${talk.peerId}, who is lost, for over a minute`);
  }
  for (const x of seen.store.live('participant').values())
    if (seen.store.get('talk', x.talkId)?.state !== 'live')
      wrong.push(`${x.partyId} is still in ${x.talkId}, which is over`);
  return wrong;
};

/** [CT1] to [CT5] Who takes it from whom, and by what. */
export const passesByTheRules: Check = (seen) => {
  const wrong: string[] = [];
  for (const { entry, id, before, after } of changesOf(seen, 'talk')) {
    if (!before || !after || before.peerId === after.peerId) continue;
    const from = before.peerId;
    const may: Record<string, boolean> = {
      'conversation.handOver': entry.actor === from,
      'conversation.leave': entry.actor === from,
      'conversation.nextPeer': entry.actor === before.callerId && before.peerLostAt !== null,
      'conversation.return': before.peerLostAt !== null && entry.at >= before.peerLostAt + 60_000,
      'party.remove': entry.actor === before.callerId,
      'invitation.accept': entry.actor === after.peerId && tookOver(entry, id, from),
    };
    if (!may[entry.name]) wrong.push(`${id} passed from ${from} to ${after.peerId} by ${entry.name} of ${entry.actor}`);
    const to = seen.store.get('participant', `${id}/${after.peerId}`);
    if (!to || to.lostAt !== null) wrong.push(`${id} passed to ${after.peerId}, who is not there`);
  }
  return wrong;
};

/** Asked by whoever held it until then, to take it over. */
const tookOver = ({ changes }: Entry, talkId: string, from: string): boolean =>
  changes.some(
    ({ table, after }) =>
      table === 'invitation' &&
      after?.talkId === talkId &&
      after.state === 'joined' &&
      after.purpose === 'takeOver' &&
      after.askedBy === from,
  );

/** A hand-off that comes to nothing leaves the talk with whoever had it. */
export const handOffReturns: Check = (seen) => {
  const wrong: string[] = [];
  for (const { entry, id, before, after } of changesOf(seen, 'escalation')) {
    if (!before || !after || !['refused', 'unanswered', 'withdrawn'].includes(after.state)) continue;
    const passed = entry.changes.some(
      (c) => c.table === 'talk' && c.id === after.talkId && c.before && c.before.peerId !== c.after?.peerId,
    );
    if (passed) wrong.push(`${id} was ${after.state}, and its talk has another holder`);
  }
  return wrong;
};

/** [CT2] A caller is sent to the head of the line only when nobody is left in the talk who could hold it. */
export const headOnlyWhenAlone: Check = (seen) => {
  const wrong: string[] = [];
  for (const { entry, id, before, after } of changesOf(seen, 'request')) {
    if (before?.state !== 'matched' || after?.state !== 'waiting') continue;
    if (after.class !== 0 || after.joinedAt !== before.joinedAt)
      wrong.push(`${id} is back, and not at the head with its age`);
    const inIt = entry.changes.flatMap((c) =>
      c.table === 'participant' &&
      c.before?.leftAt === null &&
      c.before.role !== 'caller' &&
      c.after?.leftAt === entry.at
        ? [c.before]
        : [],
    );
    const holders = new Set(entry.changes.flatMap((c) => (c.table === 'talk' && c.before ? [c.before.peerId] : [])));
    const left = inIt.find((x) => x.lostAt === null && !holders.has(x.partyId) && x.talkId.startsWith('talk'));
    if (left) wrong.push(`${id} went to the head although ${left.partyId} was in the talk`);
  }
  return wrong;
};
