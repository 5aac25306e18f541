import { sealAudit, verifyAudit } from '@hearthline/server/due/sealAudit';
import { retentionClasses } from '@hearthline/shared/domain/retention';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testLine, until, type TestLine } from '../support/line.ts';

let line: TestLine;
beforeEach(async () => {
  line = await testLine();
});
afterEach(() => line.close());

/** The horizon is the whole cluster's: a transaction of any other database holds rows back for a moment. */
const allSealed = () =>
  until('every row is sealed', async () => {
    await sealAudit(line.deps);
    const { rows } = await line.deps.sql.query<{ open: number }>(
      `select (select count(*) from audit)::int - (select coalesce(sum(cardinality(audit_ids)), 0) from audit_seal)::int as open`,
      [],
    );
    return rows[0]?.open === 0;
  });

test('[I19][S34] the chain holds; one changed, deleted or reordered row breaks it and is named', async () => {
  await line.talk();
  await allSealed();
  await line.peer('Idris');
  await allSealed();
  expect(await verifyAudit(line.deps.sql)).toBeNull();
  await expect(line.deps.sql.query(`update audit set action = 'x' where id = 1`, [])).rejects.toThrow(/never changed/);
  await line.deps.sql.query('alter table audit disable trigger audit_fixed', []);
  await line.deps.sql.query(`update audit set action = 'nothing' where id = (select min(id) from audit)`, []);
  expect(await verifyAudit(line.deps.sql)).toMatch(/was changed \(seal 1\)/);
  await line.deps.sql.query('delete from audit where id = (select min(id) from audit)', []);
  expect(await verifyAudit(line.deps.sql)).toMatch(/is missing/);
});

test('[V2][S32] every table names its retention class', async () => {
  const { rows } = await line.deps.sql.query<{ name: string; comment: string | null }>(
    `select c.relname as name, obj_description(c.oid) as comment from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relname not like 'kysely_%'`,
    [],
  );
  expect(rows.length).toBeGreaterThan(20);
  const without = rows
    .filter((r) => !retentionClasses.some((k) => r.comment?.includes(`class: ${k}`)))
    .map((r) => r.name);
  expect(without).toEqual([]);
});
