import { createAuth } from '@hearthline/server/auth/auth';
import { addStaff, newPassword, reinstate, suspend } from '@hearthline/server/auth/people';
import type { Config } from '@hearthline/server/config';
import { openPool } from '@hearthline/server/storage/postgres/pool';
import { openStaffSession } from '../../support/staffSession.ts';
import { peerNames } from './words.ts';

export type SimulatedAccounts = {
  /** @returns the name people see, which says "simulated", and the Cookie header of a signed-in session. */
  signIn(nth: number): Promise<{ name: string; cookie: string }>;
  /** Suspends each one that was used, which ends their sessions, and lets the database go. */
  close(): Promise<void>;
};

const emailOf = (nth: number) => `simulated-${nth + 1}@demo.example`;

/** Staff accounts of simulated peers. Nobody knows their passwords; between two demos they are suspended. */
export function simulatedAccounts(config: Config, lineSlug: string): SimulatedAccounts {
  const pool = openPool(config.databaseUrl, 2);
  const auth = createAuth({ pool, secret: config.secret, origin: config.origin, port: config.port });
  const used = new Set<string>();
  return {
    async signIn(nth) {
      const email = emailOf(nth);
      const round = Math.floor(nth / peerNames.length);
      const name = `${peerNames[nth % peerNames.length]}${round > 0 ? ` ${round + 1}` : ''} (simulated)`;
      const known = await pool.query('select 1 from staff where email = $1', [email]);
      used.add(email);
      if (known.rowCount) await reinstate(pool, email);
      else
        await addStaff(
          { auth, pool },
          { email, name, roles: ['peer'], lineSlugs: [lineSlug], password: newPassword() },
        );
      const { rows } = await pool.query<{ auth_user_id: string }>('select auth_user_id from staff where email = $1', [
        email,
      ]);
      return { name, cookie: await openStaffSession(auth, config, rows[0]?.auth_user_id ?? '') };
    },
    async close() {
      for (const email of used) await suspend(pool, email);
      await pool.end();
    },
  };
}
