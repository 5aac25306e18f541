import { createHmac, randomInt } from 'node:crypto';
import { ok, refuse, type Result } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../../deps.ts';
import type { CallerActor } from '../../policies/actor.ts';
import { act } from '../command.ts';
import { words } from './codeWords.ts';
import { startSession } from './callerSession.ts';

const wordsInCode = 5;

/** Five of 256 words, 40 bits; guesses are stopped long before (S12). */
export const newCode = (): string =>
  Array.from({ length: wordsInCode }, () => words[randomInt(words.length)]).join(' ');
/** Case, spaces, hyphens and full stops do not matter; anything else does. */
export const normalizeCode = (typed: string): string =>
  typed
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s.,-]+/g, ' ')
    .trim();
export const hashCode = (secret: string, code: string): Buffer =>
  createHmac('sha256', `${secret}/return-code`).update(normalizeCode(code)).digest();

/** [RC1] A new code replaces the earlier one; it is answered once and kept as a keyed hash only. */
export function createReturnCode(deps: Deps, actor: CallerActor): Promise<Result<{ code: string }>> {
  return act(deps, { name: 'code.create', actor }, async (tx) => {
    const code = newCode();
    await tx.query(
      `insert into return_code (caller_id, code_hash, created_at) values ($1, $2, $3)
       on conflict (caller_id) do update set code_hash = excluded.code_hash, created_at = excluded.created_at`,
      [actor.id, hashCode(deps.config.secret, code), tx.now],
    );
    tx.audit('code.created', actor.lineId, actor.id);
    tx.emit({ type: 'caller.changed', lineId: actor.lineId, callerId: actor.id });
    return { code };
  });
}

export function revokeReturnCode(deps: Deps, actor: CallerActor): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'code.revoke', actor }, async (tx) => {
    await tx.query('delete from return_code where caller_id = $1', [actor.id]);
    tx.audit('code.revoked', actor.lineId, actor.id);
    tx.emit({ type: 'caller.changed', lineId: actor.lineId, callerId: actor.id });
    return { done: true as const };
  });
}

/** [RC2] Each use starts a new session and ends the old ones; a cookie set beforehand is never adopted. */
export async function redeemReturnCode(deps: Deps, code: string): Promise<Result<{ token: string }>> {
  const { rows } = await deps.sql.query<{ caller_id: string; line_id: string }>(
    'select r.caller_id, c.line_id from return_code r join caller c on c.id = r.caller_id where r.code_hash = $1',
    [hashCode(deps.config.secret, code)],
  );
  const found = rows[0];
  if (!found) return refuse('code.wrong');
  const actor: CallerActor = { kind: 'caller', id: found.caller_id, lineId: found.line_id };
  const started = await act(deps, { name: 'code.redeem', actor }, async (tx) => {
    await tx.query('update caller_session set ended_at = $2 where caller_id = $1 and ended_at is null', [
      actor.id,
      tx.now,
    ]);
    tx.emit({ type: 'session.ended', lineId: actor.lineId, callerId: actor.id });
    tx.audit('code.redeemed', actor.lineId, actor.id);
    return null;
  });
  if (!started.ok) return started;
  return ok({ token: await startSession(deps, actor.id) });
}
