import type { DoorInput } from '@hearthline/shared/contracts/doors';
import type { Result } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../../deps.ts';
import { writeSealed } from '../../keys/recordKeys.ts';
import type { CallerActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, Refused } from '../command.ts';

/** [SV1] Once, after the end and before the purge, by the caller it was with. Numbers are clear, own words are sealed. */
export function submitSurvey(
  deps: Deps,
  actor: CallerActor,
  input: DoorInput<'survey.submit'>,
): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'survey.submit', actor, commandId: input.commandId, input }, async (tx) => {
    const { rows } = await tx.query<{ caller_id: string; line_id: string; state: string; kept: boolean }>(
      'select caller_id, line_id, state, purge_due_at > $2 as kept from conversation where id = $1',
      [input.conversationId, tx.now],
    );
    const talk = rows[0];
    if (!talk?.kept || talk.state !== 'ended') throw new Refused('survey.gone');
    allow(can(actor, 'survey.submit', { callerId: talk.caller_id }), 'survey.gone');
    const saved = await tx.query(
      'insert into survey (conversation_id, heard, hope, connection, submitted_at) values ($1, $2, $3, $4, $5) on conflict do nothing',
      [
        input.conversationId,
        input.scores.heard ?? null,
        input.scores.hope ?? null,
        input.scores.connection ?? null,
        tx.now,
      ],
    );
    if (saved.rowCount === 0) throw new Refused('survey.gone');
    if (input.words?.trim()) {
      await writeSealed(tx, deps.ring, {
        ownerKind: 'survey',
        ownerId: input.conversationId,
        lineId: talk.line_id,
        field: 'words',
        text: input.words,
        now: tx.now,
      });
    }
    tx.emit({ type: 'caller.changed', lineId: talk.line_id, callerId: actor.id });
    return { done: true as const };
  });
}
