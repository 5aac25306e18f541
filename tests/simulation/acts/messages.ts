import { act, allow, Refused } from '../act.ts';
import type { Process } from '../processes.ts';
import type { RowOf } from '../store/rows.ts';
import type { Store } from '../store/store.ts';

/** [DE3][DE4] Membership, epoch and live state are judged on the row that gives the number. */
export const sendMessage = (p: Process, senderId: string, commandId: string, talkId: string) =>
  act(p, { name: 'message.send', actor: senderId, commandId }, (tx) => {
    const talk = tx.get('talk', talkId);
    const place = tx.get('participant', `${talkId}/${senderId}`);
    allow(talk !== undefined && place !== undefined && place.leftAt === null, 'conversation.gone');
    if (talk.state !== 'live') throw new Refused('conversation.ended');
    const seq = talk.lastSeq + 1;
    tx.change('talk', talkId, () => true, { lastSeq: seq });
    tx.put('message', { id: `${talkId}/${seq}`, talkId, seq, epoch: talk.epoch, senderId });
    tx.emit(`message.stored ${talkId}`);
    return { seq };
  });

/** [PA3][PA4] What somebody may be shown of a talk: their stay in it, and after it what was there while they write it up. */
export function mayRead(store: Store, place: RowOf<'participant'>, message: RowOf<'message'>): boolean {
  if (message.epoch < place.fromEpoch || message.seq <= place.afterSeq) return false;
  if (place.leftAt === null) return true;
  if (place.role === 'caller') return true;
  if (store.get('wrapUp', place.id)?.state !== 'due' || place.role !== 'peer') return false;
  return place.untilEpoch === null || (message.epoch <= place.untilEpoch && message.seq <= (place.untilSeq ?? 0));
}

export function readTalk(store: Store, personId: string, talkId: string): RowOf<'message'>[] {
  const place = store.get('participant', `${talkId}/${personId}`);
  return place ? store.of('message', talkId).filter((m) => mayRead(store, place, m)) : [];
}
