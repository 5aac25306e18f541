import type { Facts } from '../facts.ts';
import type { Entry } from '../history.ts';
import { okOf } from './entries.ts';

/** What a page shows of a conversation; `completed`: both said all they had to say before it ended. */
type Transcript = { actor: string; conversationId: string; completed: boolean; seqs: number[]; clientIds: string[] };
type Check = (facts: Facts, history: readonly Entry[], transcripts: readonly Transcript[]) => string[];
export type { Transcript };
type Heard = { conversationId: string; seq: number; clientId: string; senderId: string };

const inTalk = (participants: Facts['participants']) =>
  new Map(participants.map((p) => [`${p.conversation_id}/${p.party_id}`, p]));

/** [I11] What was acknowledged is stored, under the number that was told. */
export const whatWasSentIsStored: Check = ({ messages }, history) => {
  const stored = new Map(messages.map((m) => [`${m.conversation_id}/${m.sender_id}/${m.client_id}`, m.seq]));
  return okOf(history, 'message.send').flatMap((e) => {
    const seq = stored.get(`${String(e.args?.['conversationId'])}/${e.actor}/${String(e.args?.['clientId'])}`);
    const told = (e.value as { seq: number }).seq;
    if (seq === undefined) return [`a message of ${e.actor} was acknowledged and is lost`];
    return seq === told ? [] : [`a message of ${e.actor} has the number ${seq} and was told ${told}`];
  });
};

/** [I12] Numbers run from 1 without a gap, no message stands twice, and each page shows them so. */
export const inOrderOnceNoGaps: Check = ({ messages, participants }, history, transcripts) => {
  const wrong: string[] = [];
  const theirs = inTalk(participants);
  for (const [id, own] of Map.groupBy(messages, (m) => m.conversation_id)) {
    own.forEach((m, i) => {
      if (m.seq !== i + 1) wrong.push(`conversation ${id}: number ${m.seq} at place ${i + 1}`);
    });
    if (new Set(own.map((m) => `${m.sender_id}/${m.client_id}`)).size !== own.length)
      wrong.push(`conversation ${id}: a message stands twice`);
  }
  const numbers = new Map<string, number>();
  for (const e of history) {
    if (e.op !== 'message' || e.type !== 'told') continue;
    const m = e.value as Heard;
    const key = `${e.actor}/${m.conversationId}/${m.senderId}/${m.clientId}`;
    const before = numbers.get(key);
    if (before !== undefined && before !== m.seq)
      wrong.push(`${e.actor} was told one message under the numbers ${before} and ${m.seq}`);
    numbers.set(key, m.seq);
  }
  for (const t of transcripts)
    if (t.seqs.some((seq, i) => seq !== i + 1 + (theirs.get(`${t.conversationId}/${t.actor}`)?.after_seq ?? 0)))
      wrong.push(`${t.actor} has a gap in ${t.conversationId}: ${t.seqs.join(' ')}`);
  return wrong;
};

/**
 * [I13] Both sides have come to the same transcript, which is that of the rows. A clinician comes later, may read less, and may say a
 * word in the moment in which the talk ends.
 */
export const bothHaveTheSame: Check = ({ messages, participants }, _history, transcripts) => {
  const clinicians = new Set(participants.filter((p) => p.role === 'clinician').map((p) => p.party_id));
  const stored = Map.groupBy(messages, (m) => m.conversation_id);
  return transcripts.flatMap((t) => {
    if (!t.completed || clinicians.has(t.actor)) return [];
    const own = (stored.get(t.conversationId) ?? []).filter(
      (m) => !clinicians.has(m.sender_id) || t.clientIds.includes(m.client_id),
    );
    const rows = own.map((m) => m.client_id);
    return rows.length === t.clientIds.length && rows.every((id, i) => id === t.clientIds[i])
      ? []
      : [`${t.actor} shows ${t.clientIds.length} of ${rows.length} messages of ${t.conversationId}`];
  });
};

/** [I14] [I15] Nobody hears of a conversation that is not theirs, nor what was said before they came or after they left. */
export const onlyOnesOwn: Check = ({ participants, messages }, history) => {
  const theirs = inTalk(participants);
  const stored = new Set(messages.map((m) => `${m.conversation_id}/${m.seq}`));
  return history.flatMap((e) => {
    if (e.op !== 'message' || e.type !== 'told') return [];
    const m = e.value as Heard;
    const own = theirs.get(`${m.conversationId}/${e.actor}`);
    if (!own) return [`${e.actor} heard a message of strangers`];
    if (m.seq <= own.after_seq || m.seq > (own.until_seq ?? m.seq))
      return [`${e.actor} heard number ${m.seq}, which was not for them`];
    return stored.has(`${m.conversationId}/${m.seq}`) ? [] : [`${e.actor} heard number ${m.seq}, which nobody stored`];
  });
};

/** [I21] The same command has the same answer. */
export const repeatsAnswerTheSame: Check = (_facts, history) => {
  const key = (e: Entry) => `${e.actor}/${e.op}/${String(e.args?.['commandId'] ?? e.args?.['clientId'])}`;
  const answered = history.filter(
    (e) => e.type === 'ok' && (e.args?.['commandId'] ?? e.args?.['clientId']) && e.op === 'message.send',
  );
  return [...Map.groupBy(answered, key).values()].flatMap((same) =>
    new Set(same.map((e) => (e.value as { seq: number }).seq)).size > 1
      ? [`${same[0]?.actor} was answered differently the second time`]
      : [],
  );
};
