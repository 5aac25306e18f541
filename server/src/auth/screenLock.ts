import { APIError } from 'better-auth/api';
import { fromNodeHeaders } from 'better-auth/node';
import type { IncomingHttpHeaders } from 'node:http';
import { ok, refuse, type Result } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../deps.ts';
import type { StaffSessions } from '../realtime/staffSessions.ts';
import type { Auth } from './auth.ts';

type LockDeps = Pick<Deps, 'pool' | 'hub' | 'clock'>;
const done = { done: true as const };

/**
 * An idle screen locks (S2): its session stays, and offers and alarms still come, but nothing that a caller wrote is
 * handed out until the second factor is shown again. The lock is of the session, so it holds in every tab and on every node.
 */
export function createScreenLock(auth: Auth, deps: LockDeps, staffSessions: StaffSessions) {
  async function set(sessionId: string, lockedAt: Date | null, lineId: string): Promise<void> {
    await deps.pool.query('update auth_session set "lockedAt" = $2, "activeAt" = now() where id = $1', [
      sessionId,
      lockedAt,
    ]);
    deps.hub.tell([{ type: 'session.locked', lineId }]);
  }
  return {
    async lock(headers: IncomingHttpHeaders): Promise<Result<{ done: true }>> {
      const staff = await staffSessions.staffOf(headers);
      if (!staff) return refuse('auth.required');
      if (!staff.locked) await set(staff.sessionId, deps.clock.now(), staff.lineIds[0] ?? '');
      return ok(done);
    },
    /** A page tells that its person is there. */
    async active(headers: IncomingHttpHeaders): Promise<Result<{ done: true }>> {
      const staff = await staffSessions.staffOf(headers);
      if (!staff) return refuse('auth.required');
      if (staff.locked) return refuse('session.locked');
      await staffSessions.active(staff.sessionId);
      return ok(done);
    },
    async unlock(headers: IncomingHttpHeaders, code: string): Promise<Result<{ done: true }>> {
      const staff = await staffSessions.staffOf(headers);
      if (!staff) return refuse('auth.required');
      if (!(await isRight(auth, headers, code))) return refuse('code.wrong');
      await set(staff.sessionId, null, staff.lineIds[0] ?? '');
      return ok(done);
    },
  };
}

const isRight = (auth: Auth, headers: IncomingHttpHeaders, code: string): Promise<boolean> =>
  auth.api.verifyTOTP({ body: { code }, headers: fromNodeHeaders(headers) }).then(
    () => true,
    (e: unknown) => {
      if (e instanceof APIError) return false;
      throw e;
    },
  );
