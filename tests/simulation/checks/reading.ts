import { changesOf, type Check } from './check.ts';

/** [I14] Nobody is shown what was said before they came or after they went. */
export const shownByStay: Check = ({ ledger }) =>
  ledger.shown.flatMap(({ personId, talkId, seq }) => {
    const stays = ledger.stays.get(`${talkId}/${personId}`) ?? [];
    const may = stays.some((s) => !s.removed && seq > s.after && (s.until === null || seq <= s.until));
    return may ? [] : [`${personId} was shown message ${seq} of ${talkId}, which is not theirs`];
  });

/** [PA4] Whom the caller has asked to leave is shown nothing afterwards, until they come again. */
export const removedIsOut: Check = ({ ledger }) =>
  ledger.shown.flatMap(({ personId, talkId, seq }) =>
    ledger.stays.get(`${talkId}/${personId}`)?.at(-1)?.removed
      ? [`${personId} was asked to leave ${talkId}, and was shown message ${seq}`]
      : [],
  );

/** [PA2] Whoever comes or goes while a talk goes on, its epoch is a new one. */
export const epochPerChange: Check = (seen) => {
  const wrong: string[] = [];
  for (const { entry, after, before } of changesOf(seen, 'participant')) {
    if (!after || (before?.leftAt ?? null) === after.leftAt) continue;
    const talk = seen.store.get('talk', after.talkId);
    if (talk?.state !== 'live' || (!before && talk.epoch === 1)) continue;
    const moved = entry.changes.some(
      (c) => c.table === 'talk' && c.id === talk.id && c.before && c.after && c.before.epoch < c.after.epoch,
    );
    if (!moved) wrong.push(`${after.partyId} came to or went from ${talk.id}, and its epoch stayed`);
  }
  return wrong;
};
