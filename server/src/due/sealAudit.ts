import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deps } from '../deps.ts';
import { sqlOf, type Sql } from '../storage/postgres/pool.ts';

type AuditRow = {
  id: number;
  at: Date;
  actor_kind: string;
  actor_id: string | null;
  action: string;
  line_id: string | null;
  record_id: string | null;
  detail: unknown;
};
const columns = 'id, at, actor_kind, actor_id, action, line_id, record_id, detail';
const sealLock = 4_711_001;

const hashOf = (rows: AuditRow[], previous: Buffer): Buffer => {
  const hash = createHash('sha256').update(previous);
  for (const r of rows)
    hash.update(
      JSON.stringify([r.id, r.at.toISOString(), r.actor_kind, r.actor_id, r.action, r.line_id, r.record_id, r.detail]),
    );
  return hash.digest();
};

/**
 * Chains the committed audit rows that have no seal yet: reads only below `pg_snapshot_xmin`, since identity numbers do
 * not commit in order, and inserts a seal over them and the one before. Audit rows themselves are never touched.
 */
export async function sealAudit(deps: Deps): Promise<number> {
  const client = await deps.pool.connect();
  try {
    await client.query('begin');
    const sql = sqlOf(client);
    const lease = await sql.query<{ mine: boolean }>('select pg_try_advisory_xact_lock($1) as mine', [sealLock]);
    if (!lease.rows[0]?.mine) return 0;
    const last = await lastSeal(sql);
    const { rows: horizon } = await sql.query<{ below: string }>(
      'select pg_snapshot_xmin(pg_current_snapshot())::text as below',
      [],
    );
    const below = horizon[0]?.below ?? '0';
    const { rows } = await sql.query<AuditRow>(
      `select ${columns} from audit where xid >= $1::xid8 and xid < $2::xid8 order by id`,
      [last.below, below],
    );
    if (rows.length === 0) return 0;
    await sql.query(
      'insert into audit_seal (audit_ids, below_xid, hash, previous, sealed_at) values ($1, $2::xid8, $3, $4, $5)',
      [rows.map((r) => r.id), below, hashOf(rows, last.hash), last.hash, deps.clock.now()],
    );
    return rows.length;
  } finally {
    await client.query('commit').catch(() => {});
    client.release();
  }
}

async function lastSeal(sql: Sql): Promise<{ hash: Buffer; below: string }> {
  const { rows } = await sql.query<{ hash: Buffer; below: string }>(
    'select hash, below_xid::text as below from audit_seal order by id desc limit 1',
    [],
  );
  return rows[0] ?? { hash: Buffer.alloc(32), below: '0' };
}

/** Writes the head of the chain to a file outside PostgreSQL, so that a rewritten chain shows. */
export async function anchorAudit(deps: Deps): Promise<void> {
  const { hash } = await lastSeal(deps.sql);
  await writeFile(
    join(deps.config.keysDir, 'audit-head.txt'),
    `${deps.clock.now().toISOString()} ${hash.toString('hex')}\n`,
    { flag: 'a', mode: 0o600 },
  );
}

/** @returns the first broken seal in words, or null when the whole chain holds. */
export async function verifyAudit(sql: Sql): Promise<string | null> {
  const seals = await sql.query<{ id: number; audit_ids: number[]; hash: Buffer; previous: Buffer }>(
    'select id, audit_ids, hash, previous from audit_seal order by id',
    [],
  );
  let previous: Buffer = Buffer.alloc(32);
  for (const seal of seals.rows) {
    const ids = seal.audit_ids.map(Number);
    const { rows } = await sql.query<AuditRow>(`select ${columns} from audit where id = any($1) order by id`, [ids]);
    const missing = ids.filter((id) => !rows.some((r) => r.id === id));
    if (missing.length > 0) return `audit row ${missing[0]} is missing (seal ${seal.id})`;
    if (!seal.previous.equals(previous)) return `seal ${seal.id} does not follow the one before`;
    if (!hashOf(rows, previous).equals(seal.hash))
      return `a row of ${ids[0]}…${ids.at(-1)} was changed (seal ${seal.id})`;
    previous = seal.hash;
  }
  return null;
}
