import type { RowOf } from '../store/rows.ts';
import type { Entry } from '../world.ts';
import { changesOf, type Check, type Seen } from './check.ts';

/** [ES15] Whoever has joined is in the talk, or for advice in the one beside it, as long as it goes on: else nobody else could be called. */
export const joinedIsThere: Check = ({ store }) =>
  [...store.live('escalation').values()].flatMap((e) => {
    if (e.state !== 'joined' || store.get('talk', e.talkId)?.state !== 'live') return [];
    const side = e.kind === 'consult' ? store.of('talk', `side ${e.talkId}`).find((t) => t.state === 'live') : null;
    const place = store.get('participant', `${side === null ? e.talkId : side?.id}/${e.ownerId}`);
    return place?.leftAt === null ? [] : [`${e.id} is joined by ${e.ownerId}, who is not in ${e.talkId}`];
  });

/** [ES16] The caller goes back to the line, and whoever is called for them is called on; out of the line takes only a called one. */
export const calledOn: Check = (seen) => {
  const wrong: string[] = [];
  for (const { entry, id, before, after } of changesOf(seen, 'request')) {
    if (before?.state === 'matched' && after?.state === 'waiting') wrong.push(...dropped(entry));
    if (before?.state !== 'matched' && after?.state === 'matched' && !takenRightly(seen, entry, before))
      wrong.push(`${id} was ${before?.state}, and was taken by ${entry.name} of ${entry.actor}`);
  }
  return wrong;
};

const dropped = ({ changes }: Entry): string[] =>
  changes.flatMap((c) => {
    if (c.table !== 'escalation' || !c.before || !c.after || c.after.state === c.before.state) return [];
    const called = c.before.kind !== 'consult' && ['paging', 'acknowledged', 'exhausted'].includes(c.before.state);
    return called ? [`${c.id} was ${c.before.state} for a caller who waits, and became ${c.after.state}`] : [];
  });

/** By a peer who was asked; or by the clinician who has the escalation, and who holds the talk from then on. */
function takenRightly({ store }: Seen, { name, actor, changes }: Entry, before: RowOf<'request'> | null): boolean {
  const talk = changes.find((c) => c.table === 'talk' && !c.before)?.after as RowOf<'talk'> | undefined;
  const role = talk && store.get('participant', `${talk.id}/${actor}`)?.role;
  if (talk?.peerId !== actor) return false;
  if (name === 'offer.accept') return before?.state === 'offered' && role === 'peer';
  const theirs = store.of('escalation', talk.id).some((e) => e.ownerId === actor && e.kind !== 'consult');
  return name === 'escalation.join' && role === 'clinician' && theirs;
}
