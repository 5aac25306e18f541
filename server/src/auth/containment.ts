import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { symmetricDecrypt, symmetricEncrypt } from 'better-auth/crypto';
import type pg from 'pg';
import { readConfig, type Config } from '../config.ts';
import type { KeyRing } from '../keys/keyRing.ts';
import { renewKeys, type Rotated } from '../keys/rotateKeys.ts';
import { sqlOf } from '../storage/postgres/pool.ts';
import { createAuth } from './auth.ts';
import { StaffError } from './people.ts';

/** What is done when somebody had what they must not have (S37). docs/operations.md says when to use which. */

const audited = (pool: pg.Pool | pg.PoolClient, action: string, detail: object) =>
  pool.query(`insert into audit (at, actor_kind, actor_id, action, detail) values (now(), 'system', null, $1, $2)`, [
    action,
    detail,
  ]);

/** Everybody is nobody: open pages are thrown out within 2 s, on every node. The line itself goes on. */
export async function endSessions(
  pool: pg.Pool,
  whose: 'everybody' | 'staff',
): Promise<{ staff: number; callers: number }> {
  const staff = await pool.query('delete from auth_session');
  await pool.query('delete from auth_verification'); // half-finished sign-ins
  const callers =
    whose === 'everybody'
      ? await pool.query('update caller_session set ended_at = now() where ended_at is null')
      : { rowCount: 0 };
  const ended = { staff: staff.rowCount ?? 0, callers: callers.rowCount ?? 0 };
  await audited(pool, 'containment.sessionsEnded', ended);
  return ended;
}

export type Renewed = Rotated & { factors: number; codesVoid: number; secretInFile: boolean };

/**
 * A new secret and new key-encryption keys; the old ones open nothing any more. Passwords and one-time codes of staff go on,
 * return codes are void (they are kept as hashes keyed by the old secret). Done again after a cut, it finishes.
 * @param given the new secret where the old one comes from the environment; else one is made and kept in the data folder
 * @throws StaffError while a server or worker runs: it would go on with what it remembers
 */
export async function renewSecrets(
  { pool, config, ring }: { pool: pg.Pool; config: Config; ring: KeyRing },
  given: string | undefined,
): Promise<Renewed> {
  const running = await pool.query(`select 1 from node where seen_at > now() - interval '10 seconds'`);
  if (running.rowCount)
    throw new StaffError('Hearthline is running. Stop every server and worker first; ending sessions works meanwhile.');
  const file = join(config.dataDir, 'secret');
  const inFile = existsSync(file) && readFileSync(file, 'utf8').trim() === config.secret;
  if (!inFile && !given)
    throw new StaffError(
      'The secret is set by HEARTHLINE_SECRET. Give the new one as HEARTHLINE_NEW_SECRET, then start with it.',
    );
  const next = inFile ? nextIn(file) : (given ?? '');
  readConfig({ ...process.env, HEARTHLINE_SECRET: next }); // the same judgement as at a start
  if (next === config.secret) throw new StaffError('HEARTHLINE_NEW_SECRET is the one in use.');
  await endSessions(pool, 'everybody');
  const { factors, codesVoid } = await underNewSecret(pool, config, next);
  if (inFile) renameSync(`${file}.next`, file);
  const keys = await renewKeys(sqlOf(pool), ring, new Date());
  await audited(pool, 'containment.secretsRenewed', { ...keys, factors, codesVoid });
  return { ...keys, factors, codesVoid, secretInFile: inFile };
}

/** Written before anything depends on it; one that an earlier try left is the one to go on with. */
function nextIn(file: string): string {
  const next = `${file}.next`;
  if (!existsSync(next))
    writeFileSync(next, randomBytes(32).toString('base64url'), { mode: 0o600, flush: true, flag: 'wx' });
  return readFileSync(next, 'utf8').trim();
}

/** What the old secret sealed is sealed by the new one, all of it or nothing. */
async function underNewSecret(
  pool: pg.Pool,
  config: Config,
  next: string,
): Promise<{ factors: number; codesVoid: number }> {
  const keyOf = async (secret: string) =>
    (await createAuth({ pool, secret, origin: config.origin, port: config.port }).$context).secretConfig;
  const [from, to] = [await keyOf(config.secret), await keyOf(next)];
  const moved = async (sealed: string) => {
    const data = await symmetricDecrypt({ key: from, data: sealed }).catch(
      () => symmetricDecrypt({ key: to, data: sealed }), // of a try that was cut
    );
    return symmetricEncrypt({ key: to, data });
  };
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<{ id: string; secret: string; backupCodes: string }>(
      'select id, secret, "backupCodes" from auth_two_factor for update',
    );
    for (const row of rows)
      await client.query('update auth_two_factor set secret = $2, "backupCodes" = $3 where id = $1', [
        row.id,
        await moved(row.secret),
        await moved(row.backupCodes),
      ]);
    const codes = await client.query('delete from return_code');
    await client.query('commit');
    return { factors: rows.length, codesVoid: codes.rowCount ?? 0 };
  } catch (e) {
    await client.query('rollback');
    throw e;
  } finally {
    client.release();
  }
}

export type Affected = { conversationId: string; lineSlug: string; times: number; first: Date; last: Date };

/** Which conversations one account was handed the keys of: what must be looked at when that account was misused. */
export async function affectedBy(pool: pg.Pool, email: string, since: Date, until: Date): Promise<Affected[]> {
  const { rows } = await pool.query<Affected>(
    `select a.record_id as "conversationId", coalesce(l.slug, '?') as "lineSlug", count(*)::int as times, min(a.at) as first, max(a.at) as last
     from audit a join staff s on s.id = a.actor_id left join line l on l.id = a.line_id
     where s.email = $1 and a.action = 'key.handedOut' and a.at >= $2 and a.at < $3
     group by a.record_id, l.slug order by min(a.at)`,
    [email.trim().toLowerCase(), since, until],
  );
  return rows;
}
