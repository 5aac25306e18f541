import { randomUUID } from 'node:crypto';
import type { Result } from '@hearthline/shared/contracts/refusals';
import { refusals } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../../deps.ts';
import { system, type CallerActor } from '../../policies/actor.ts';
import type { Line } from '../../storage/postgres/lines.store.ts';
import { act, Refused } from '../command.ts';
import { openRequest } from '../requests/openRequest.ts';
import { endPhone } from './endPhone.ts';

/**
 * [PH1] Somebody on the telephone is in a room of the media server: a caller without a session, and their request, once a
 * call whoever notices it. [PH3] What is kept was said before the call was passed on (docs/phone.md): its version is written
 * down. [PH2] Where nobody can answer, the call ends.
 */
export async function openPhone(deps: Deps, line: Line, room: { name: string; sid: string }): Promise<void> {
  const call = await callIn(deps, line, room);
  if (!call.ok) return;
  const actor: CallerActor = { kind: 'caller', id: call.value.callerId, lineId: line.id };
  const opened = await openRequest(deps, actor, 'phone', call.value.id);
  if (opened.ok || isBusy(opened.code)) return; // looked at again
  await act(deps, { name: 'phone.refuse', actor: system }, async (tx) => {
    await endPhone(tx, actor.id);
    tx.audit('phone.refused', line.id, call.value.id, { why: opened.code });
  });
}

const isBusy = (code: keyof typeof refusals): boolean => code !== 'line.full' && refusals[code].retryable;

function callIn(
  deps: Deps,
  line: Line,
  room: { name: string; sid: string },
): Promise<Result<{ id: string; callerId: string }>> {
  return act(deps, { name: 'phone.open', actor: system }, async (tx) => {
    const { rows } = await tx.query<{ id: string; caller_id: string; ended_at: Date | null }>(
      'select id, caller_id, ended_at from phone_call where room_name = $1',
      [room.name],
    );
    if (rows[0]?.ended_at) throw new Refused('request.gone');
    if (rows[0]) return { id: rows[0].id, callerId: rows[0].caller_id };
    const [id, callerId] = [randomUUID(), randomUUID()];
    await tx.query('insert into caller (id, line_id, created_at, seen_at) values ($1, $2, $3, $3)', [
      callerId,
      line.id,
      tx.now,
    ]);
    await tx.query(`insert into consent (id, caller_id, version, given_at, given) values ($1, $2, $3, $4, 'spoken')`, [
      randomUUID(),
      callerId,
      line.config.consent.version,
      tx.now,
    ]);
    const begun = await tx.query(
      `insert into phone_call (id, caller_id, room_name, room_sid, began_at) values ($1, $2, $3, $4, $5) on conflict (room_name) do nothing`,
      [id, callerId, room.name, room.sid, tx.now],
    );
    if (begun.rowCount === 0) throw new Refused('request.gone'); // noticed by two at once
    tx.audit('phone.began', line.id, callerId, { version: line.config.consent.version });
    return { id, callerId };
  });
}
