import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { demoPeople } from './demoAccounts.ts';

const layers = [
  { name: 'primary', email: 'ana@demo.example' },
  { name: 'backup', email: 'tom@demo.example' },
];

/** Somebody to bring in on the demo line at any hour. Done once, whole or not at all; a roster that is there is left alone. */
export async function seedRoster(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<{ id: string; time_zone: string }>(
      `select l.id, l.config ->> 'timeZone' as time_zone from line l
       where l.config ? 'escalation' and not exists (select 1 from on_call_layer o where o.line_id = l.id) order by l.created_at limit 1`,
    );
    for (const { email, title } of demoPeople)
      if (title) await client.query('update staff set title = $2 where email = $1 and title is null', [email, title]);
    if (rows[0]) await fill(client, rows[0]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

async function fill(client: pg.PoolClient, line: { id: string; time_zone: string }): Promise<void> {
  for (const [i, { name, email }] of layers.entries()) {
    const { rows } = await client.query<{ id: string }>('select id from staff where email = $1', [email]);
    const staffId = rows[0]?.id;
    if (!staffId) continue;
    const layerId = randomUUID();
    await client.query('insert into on_call_layer (id, line_id, name, position) values ($1, $2, $3, $4)', [
      layerId,
      line.id,
      name,
      i + 1,
    ]);
    await client.query(
      `insert into on_call_rotation (id, layer_id, position, time_zone, starts, recurrence, minutes, staff_ids)
       values ($1, $2, 1, $3, to_char((now() - interval '2 days') at time zone $3, 'YYYY-MM-DD"T00:00"'), 'FREQ=DAILY', null, $4)`,
      [randomUUID(), layerId, line.time_zone, [staffId]],
    );
    await client.query(
      `insert into means (id, staff_id, kind, address, label, verified_at, created_at) values ($1, $2, 'alarm', '{}', 'Open pages', now(), now())
       on conflict do nothing`,
      [randomUUID(), staffId],
    );
  }
}
