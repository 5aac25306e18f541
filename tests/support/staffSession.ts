import { createHmac } from 'node:crypto';
import { staffCookieName, type Auth } from '@hearthline/server/auth/auth';
import type { Config } from '@hearthline/server/config';

/**
 * A staff session as a finished sign-in leaves it, written through better-auth's own store, without the password hashes
 * that a sign-in costs (hundreds of people would take minutes, and use up the sign-ins that this machine has).
 *
 * @returns the Cookie header of that session.
 */
export async function openStaffSession(
  auth: Auth,
  { secret, origin }: Pick<Config, 'secret' | 'origin'>,
  userId: string,
): Promise<string> {
  const { internalAdapter } = await auth.$context;
  await internalAdapter.updateUser(userId, { twoFactorEnabled: true }); // first: it ends sessions without a factor
  const session = await internalAdapter.createSession(userId);
  await internalAdapter.updateSession(session.token, { factorProven: true });
  const signature = createHmac('sha256', secret).update(session.token).digest('base64');
  return `${staffCookieName(origin)}=${encodeURIComponent(`${session.token}.${signature}`)}`;
}
