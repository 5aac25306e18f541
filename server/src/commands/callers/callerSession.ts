import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { ok, refuse, type Result } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../../deps.ts';
import { writeSealed } from '../../keys/recordKeys.ts';
import type { CallerActor } from '../../policies/actor.ts';
import { act, Refused } from '../command.ts';

export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/** A random 256-bit token; only its hash is kept. */
export async function startSession(deps: Deps, callerId: string): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await deps.sql.query('insert into caller_session (token_hash, caller_id, created_at) values ($1, $2, $3)', [
    hashToken(token),
    callerId,
    deps.clock.now(),
  ]);
  return token;
}

export async function callerOf(deps: Deps, token: string): Promise<CallerActor | null> {
  const { rows } = await deps.hot.query<{ id: string; line_id: string }>(
    'select c.id, c.line_id from caller_session s join caller c on c.id = s.caller_id where s.token_hash = $1 and s.ended_at is null',
    [hashToken(token)],
  );
  const row = rows[0];
  return row ? { kind: 'caller', id: row.id, lineId: row.line_id } : null;
}

/** [CN1] Consent is a version and a time, tied to a random id only. A live session of the same line is kept. */
export async function giveConsent(
  deps: Deps,
  current: CallerActor | null,
  input: { lineSlug: string; version: number; name: string | null },
): Promise<Result<{ token: string | null }>> {
  const line = deps.lines.bySlug(input.lineSlug);
  if (!line) return refuse('line.gone');
  const kept = current && current.lineId === line.id ? current : null;
  const actor: CallerActor = kept ?? { kind: 'caller', id: randomUUID(), lineId: line.id };
  const given = await act(deps, { name: 'consent.give', actor }, async (tx) => {
    if (input.version !== line.config.consent.version) throw new Refused('consent.missing');
    if (!kept)
      await tx.query('insert into caller (id, line_id, created_at, seen_at) values ($1, $2, $3, $3)', [
        actor.id,
        line.id,
        tx.now,
      ]);
    await tx.query('insert into consent (id, caller_id, version, given_at) values ($1, $2, $3, $4)', [
      randomUUID(),
      actor.id,
      input.version,
      tx.now,
    ]);
    if (input.name)
      await writeSealed(tx, deps.ring, {
        ownerKind: 'caller',
        ownerId: actor.id,
        lineId: line.id,
        field: 'name',
        text: input.name,
        now: tx.now,
      });
    tx.audit('consent.given', line.id, actor.id, { version: input.version });
    return null;
  });
  if (!given.ok) return given;
  return ok({ token: kept ? null : await startSession(deps, actor.id) });
}

/** Quick exit: this browser's session ends, the place stays, reachable by return code only. */
export async function exitSession(deps: Deps, actor: CallerActor, token: string): Promise<void> {
  await act(deps, { name: 'caller.exit', actor }, async (tx) => {
    await tx.query('update caller_session set ended_at = $2 where token_hash = $1 and ended_at is null', [
      hashToken(token),
      tx.now,
    ]);
    tx.emit({ type: 'session.ended', lineId: actor.lineId, callerId: actor.id });
    return null;
  });
}
