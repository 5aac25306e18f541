import type { GiveConsent } from './callerSession.contract.ts';
import type { PublicLine } from './line.contract.ts';
import type { Refused } from './refusals.ts';
import type { CallerView } from './views.contract.ts';

/** A cookie for the page's own response; the server decides its name and attributes. */
export type CookieToSet = {
  name: string;
  value: string;
  options: { path: '/'; httpOnly: true; secure: boolean; sameSite: 'strict' | 'lax'; maxAge?: number };
};

export type StaffVisitor = {
  id: string;
  name: string;
  email: string;
  roles: string[];
  factorEnrolled: boolean;
  /** The screen is locked until the second factor is shown again. */
  locked: boolean;
  /** Idle seconds after which a page locks itself. */
  lockAfterSeconds: number;
};

/** One place where a staff member is signed in (S4). */
export type SignIn = {
  id: string;
  /** The one that asks. */
  here: boolean;
  /** As the browser names itself; empty where it said nothing. */
  userAgent: string;
  signedInAt: string;
  activeAt: string;
};

/**
 * What server-rendered pages may ask of the server that renders them (`event.platform.req.pageServices`). Nothing here
 * reaches a database from a page: the server hands in these few functions, each already authorised for this visitor.
 */
export type PageServices = {
  /** The line of this slug, or the first line when none is named; null when there is none. */
  line(slug?: string): Promise<PublicLine | null>;
  callerView(): Promise<CallerView>;
  /** Records the consent (version, time, no identity) and starts a caller session. A session that lives is kept. */
  giveConsent(input: GiveConsent): Promise<{ ok: true; cookie: CookieToSet | null } | Refused>;
  /** Trades a return code for a new session; the old ones of that caller end. */
  redeemCode(code: string): Promise<{ ok: true; cookie: CookieToSet } | Refused>;
  staff(): Promise<StaffVisitor | null>;
  /** Where this visitor is signed in, this browser first. Empty for nobody and for a locked screen. */
  signIns(): Promise<SignIn[]>;
};
