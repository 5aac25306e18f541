import type { EscalationKind } from '@hearthline/shared/contracts/escalation';
import { isOutside, programOf } from '@hearthline/shared/domain/disclosure';
import type { Escalation, Ground } from '@hearthline/shared/domain/escalation.machine';
import type { Deps } from '../../deps.ts';
import { onCallFor, type OnCallStep } from '../../onCall/onCallNow.ts';
import type { Sql } from '../../storage/postgres/pool.ts';
import { Refused, type Tx } from '../command.ts';
import { lockConversation, type LiveConversation } from '../conversations/lockConversation.ts';
import { escalationColumns, type EscalationRow } from './escalationRow.ts';
import { alarmCoordinators, callOut } from './pages.ts';

export type Locked = { row: EscalationRow; talk: LiveConversation };

/**
 * Request and conversation first: the one order of locks. It may have followed its caller (ES16) while we waited for them.
 * @throws Refused escalation.gone
 */
export async function lockEscalation(tx: Tx, id: string): Promise<Locked> {
  const found = await tx.query<{ conversation_id: string | null }>(
    'select conversation_id from escalation where id = $1',
    [id],
  );
  const conversationId = found.rows[0]?.conversation_id;
  if (!conversationId) throw new Refused('escalation.gone');
  const talk = await lockConversation(tx, conversationId);
  const { rows } = await tx.query<EscalationRow>(
    `select ${escalationColumns} from escalation where id = $1 for update`,
    [id],
  );
  const row = rows[0];
  if (!row) throw new Refused('escalation.gone');
  return { row, talk: row.conversation_id === talk.id ? talk : await lockConversation(tx, row.conversation_id) };
}

/** The one of a conversation that is not over. */
export async function openEscalation(tx: Tx, conversationId: string): Promise<EscalationRow | null> {
  const { rows } = await tx.query<EscalationRow>(
    `select ${escalationColumns} from escalation where conversation_id = $1
       and state in ('asking', 'paging', 'acknowledged', 'joined', 'exhausted') for update`,
    [conversationId],
  );
  return rows[0] ?? null;
}

/** A ladder that was taken from the line meanwhile: what runs is loud, and never sleeps (I8). */
const taken = { steps: [], joinSeconds: 180, askSeconds: 300 } satisfies Ground['ladder'];

/** Who can be called for each step now: on call, reachable by what the step wants, and without a "no" to this one. */
export async function groundOf(
  deps: Deps,
  sql: Sql,
  now: Date,
  of: {
    lineId: string;
    kind: EscalationKind;
    escalationId: string | null;
    calledAt: Date | null;
    holderId: string | null;
  },
): Promise<Ground & { steps: OnCallStep[] }> {
  const line = deps.lines.byId(of.lineId)?.config;
  const ladder = line?.escalation ?? taken;
  const program = programOf(line);
  const steps = await onCallFor(deps, sql, of.lineId, now);
  const declined = new Set<string>();
  if (of.escalationId && of.calledAt) {
    const { rows } = await sql.query<{ staff_id: string }>(
      `select distinct staff_id from page where escalation_id = $1 and answer = 'declined' and made_at >= $2`,
      [of.escalationId, of.calledAt],
    );
    for (const r of rows) declined.add(r.staff_id);
  }
  return {
    ladder,
    steps,
    now,
    callable(step) {
      const person = steps[step - 1]?.person;
      // whoever holds the talk does not call themselves
      if (!person || declined.has(person.staffId) || person.staffId === of.holderId) return null;
      // [CS4] for advice the caller has agreed to nothing
      const outside = isOutside({ program, theirProgram: program, organisation: person.organisation });
      return of.kind === 'consult' && outside ? null : person.staffId;
    },
  };
}

export const groundFor = (deps: Deps, tx: Tx, { row, talk }: Locked) =>
  groundOf(deps, tx, tx.now, {
    lineId: row.line_id,
    kind: row.kind,
    escalationId: row.id,
    calledAt: row.called_at,
    holderId: talk.state === 'live' ? talk.peer_id : null,
  });

/** [MS4] The step on which whoever has it ($7) was called last, which may be one that the ladder has left. */
const calledOn =
  '(select p.step from page p where p.escalation_id = $1 and p.staff_id = $7 and p.step > 0 order by p.made_at desc limit 1)';

/**
 * Writes what the machine decided, with its timer, the pages of a new rung and who is told. The row is locked: nobody else
 * has moved it.
 */
export async function move(
  deps: Deps,
  tx: Tx,
  { row, talk }: Locked,
  next: Escalation,
  ground: { steps: OnCallStep[] } | null,
): Promise<void> {
  const rung = 'rung' in next ? next.rung : { step: row.step, attempt: row.attempt };
  const dueAt = 'dueAt' in next ? next.dueAt : null;
  await tx.query(
    `update escalation set state = $2, step = $3, attempt = $4, next_due_at = $5, paged_id = $6, owner_id = $7,
       called_at = case when called_at is null and $2 in ('paging', 'exhausted') then $8 else called_at end,
       begun_at = case when $2 in ('paging', 'exhausted') then coalesce(begun_at, $8) else begun_at end,
       answered_step = case when $2 = 'acknowledged' then coalesce(answered_step, ${calledOn}) else answered_step end,
       answered_late = case when $2 = 'acknowledged' then coalesce(answered_late, paged_id is distinct from $7) else answered_late end,
       joined_step = case when $2 = 'joined' then coalesce(joined_step, ${calledOn}) else joined_step end,
       acknowledged_at = case when $2 = 'acknowledged' then coalesce(acknowledged_at, $8) else acknowledged_at end,
       joined_at = case when $2 = 'joined' then coalesce(joined_at, $8) else joined_at end,
       exhausted_at = case when $2 = 'exhausted' then $8 else exhausted_at end,
       ended_at = case when $2 in ('refused', 'unanswered', 'withdrawn', 'closed') then $8 else null end,
       rev = rev + 1
     where id = $1`,
    [
      row.id,
      next.state,
      rung.step,
      rung.attempt,
      dueAt,
      next.state === 'paging' ? next.pagedId : null,
      'ownerId' in next ? next.ownerId : next.state === 'closed' ? row.owner_id : null,
      tx.now,
    ],
  );
  if (dueAt) tx.due('escalation.goOn', row.id, dueAt);
  else tx.undue('escalation.goOn', row.id);
  if (next.state === 'paging' && ground) await callOut(tx, row, next, ground.steps);
  if (next.state === 'exhausted') await alarmCoordinators(tx, row);
  tx.audit(`escalation.${next.state}`, row.line_id, row.id, next.state === 'paging' ? { ...rung } : {});
  await tell(tx, { row, talk });
}

/** Everybody whom it concerns: both sides, and all who were called. */
export async function tell(tx: Tx, { row, talk }: Locked): Promise<void> {
  const { rows } = await tx.query<{ staff_id: string }>('select distinct staff_id from page where escalation_id = $1', [
    row.id,
  ]);
  tx.emit({
    type: 'escalation.changed',
    lineId: row.line_id,
    conversationId: talk.id,
    escalationId: row.id,
    callerId: talk.caller_id,
    peerId: talk.peer_id,
    staffIds: rows.map((r) => r.staff_id),
  });
}
