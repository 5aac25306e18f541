import type { IncomingHttpHeaders } from 'node:http';
import type { Role } from '@hearthline/shared/contracts/ids';
import type { StaffActor } from '../policies/actor.ts';

export type StaffVisit = {
  id: string;
  name: string;
  email: string;
  roles: Role[];
  lineIds: string[];
  factorEnrolled: boolean;
  sessionId: string;
  /** After idle minutes: views without content until the second factor is shown again (S2). */
  locked: boolean;
};
/** What the realtime and page layers need of staff sign-in; `server/src/auth` is behind it. */
export type StaffSessions = {
  staffOf(headers: IncomingHttpHeaders): Promise<StaffVisit | null>;
  /** The person gave a sign: the idle time begins anew. A session that is locked stays locked. */
  active(sessionId: string): Promise<void>;
  /** Those of these session ids that still live and whose person is not suspended, with what that person may now. */
  alive(sessionIds: readonly string[]): Promise<Map<string, Pick<StaffVisit, 'roles' | 'lineIds' | 'locked'>>>;
};

export const staffActor = ({ id, name, roles, lineIds, locked }: StaffVisit): StaffActor => ({
  kind: 'staff',
  id,
  name,
  roles,
  lineIds,
  locked,
});
