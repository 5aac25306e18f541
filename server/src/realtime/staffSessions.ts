import type { IncomingHttpHeaders } from 'node:http';
import type { Role } from '@hearthline/shared/contracts/ids';

export type StaffVisit = {
  id: string;
  name: string;
  email: string;
  roles: Role[];
  lineIds: string[];
  factorEnrolled: boolean;
  sessionId: string;
};
/** What the realtime and page layers need of staff sign-in; `server/src/auth` is behind it. */
export type StaffSessions = {
  staffOf(headers: IncomingHttpHeaders): Promise<StaffVisit | null>;
  /** Those of these session ids that still live and whose person is not suspended, with what that person may now. */
  alive(sessionIds: readonly string[]): Promise<Map<string, Pick<StaffVisit, 'roles' | 'lineIds'>>>;
};
