import type { IncomingMessage } from 'node:http';
import type { Socket } from 'socket.io';
import { callerOf, hashToken } from '../commands/callers/callerSession.ts';
import { staffCookieName } from '../auth/auth.ts';
import type { Config } from '../config.ts';
import type { Deps } from '../deps.ts';
import { callerCookieName, fromOwnPage, networkOf, readCookie } from '../http/cookies.ts';
import type { CallerActor, StaffActor } from '../policies/actor.ts';
import { staffActor, type StaffSessions } from './staffSessions.ts';

/** Who is on a socket, by which session, from which tab and network. */
export type Visitor = { actor: CallerActor | StaffActor; tab: string | null; session: string; network: string };
export type LiveSocket = Socket<
  Record<string, (...args: unknown[]) => void>,
  Record<string, (payload: unknown) => void>,
  Record<string, never>,
  /** talks: which talks each of its views shows; epochs: of each, up to which one this person is in it as far as we know. */
  Visitor & { talks?: { own?: ShownTalk[]; clinician?: ShownTalk[] }; epochs?: ReadonlyMap<string, number> }
>;

export type ShownTalk = { id: string; epoch: number };

/** What stands for a session before anybody knows whose it is. */
export const sessionKeyOf = (config: Config, req: IncomingMessage): string =>
  hashToken(
    `${readCookie(req, callerCookieName(config)) ?? ''}/${readCookie(req, staffCookieName(config.origin)) ?? ''}`,
  ).toString('base64');

/** @returns null for whoever may not open a socket here: a foreign page, no session, no second factor. */
export async function identify(
  deps: Deps,
  staffSessions: StaffSessions,
  networkKey: Buffer,
  req: IncomingMessage,
): Promise<Visitor | null> {
  if (!fromOwnPage(req, deps.config)) return null;
  const query = new URL(req.url ?? '', 'http://x').searchParams;
  const base = { tab: query.get('tab')?.slice(0, 64) ?? null, network: networkOf(req, deps.config, networkKey) };
  if (query.get('as') === 'caller') {
    const token = readCookie(req, callerCookieName(deps.config));
    const actor = token ? await callerOf(deps, token) : null;
    return token && actor ? { ...base, actor, session: hashToken(token).toString('hex') } : null;
  }
  if (query.get('as') !== 'staff') return null;
  const staff = await staffSessions.staffOf(req.headers);
  return staff?.factorEnrolled ? { ...base, actor: staffActor(staff), session: staff.sessionId } : null;
}

/**
 * Asks once for all sockets of this node which sessions still live (S3, S8), and tells what it found: those that ended,
 * and what staff may now.
 */
export async function checkSessions(
  deps: Deps,
  staffSessions: StaffSessions,
  sockets: readonly LiveSocket[],
  found: {
    ended(socket: LiveSocket): void;
    /** Of every staff socket that lives on: who that person is now, by roles, lines and lock. */
    may(socket: LiveSocket, actor: StaffActor, wasLocked: boolean): void;
  },
): Promise<void> {
  const callers = sockets.filter((s) => s.data.actor.kind === 'caller');
  const staff = sockets.filter((s) => s.data.actor.kind === 'staff');
  if (callers.length > 0) {
    const { rows } = await deps.sql.query<{ hash: string }>(
      `select encode(token_hash, 'hex') as hash from caller_session where ended_at is null and token_hash = any($1::bytea[])`,
      [callers.map((s) => Buffer.from(s.data.session, 'hex'))],
    );
    const alive = new Set(rows.map((r) => r.hash));
    for (const s of callers) if (!alive.has(s.data.session)) found.ended(s);
  }
  if (staff.length === 0) return;
  const alive = await staffSessions.alive(staff.map((s) => s.data.session));
  for (const s of staff) {
    const { actor } = s.data;
    const session = alive.get(s.data.session);
    if (!session) found.ended(s);
    else if (actor.kind === 'staff') found.may(s, { ...actor, ...session }, actor.locked);
  }
}
