import { createHash } from 'node:crypto';
import type { MeansKind } from '@hearthline/shared/contracts/escalation';
import type { Layer } from '@hearthline/shared/contracts/onCall';
import type { Sql } from '../storage/postgres/pool.ts';

const instant = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The layers of a line in their order, with the overrides that are not over. */
export async function readLayers(sql: Sql, lineId: string, now: Date): Promise<Layer[]> {
  const { rows } = await sql.query<Layer>(
    `select l.id, l.name,
       coalesce((select jsonb_agg(jsonb_build_object('id', r.id, 'timeZone', r.time_zone, 'starts', r.starts,
           'recurrence', r.recurrence, 'minutes', r.minutes, 'staffIds', r.staff_ids) order by r.position)
         from on_call_rotation r where r.layer_id = l.id), '[]') as rotations,
       coalesce((select jsonb_agg(jsonb_build_object('id', o.id, 'from', ${instant('o.from_at')}, 'until', ${instant('o.until_at')},
           'staffId', o.staff_id) order by o.made_at, o.id)
         from on_call_override o where o.layer_id = l.id and o.until_at > $2), '[]') as overrides
     from on_call_layer l where l.line_id = $1 order by l.position`,
    [lineId, now],
  );
  return rows;
}

/** Of what a save replaces: layers and their rotations, without overrides. */
export function versionOf(layers: readonly Layer[]): string {
  const saved = layers.map(({ id, name, rotations }) => [
    id,
    name,
    rotations.map((r) => [r.id, r.timeZone, r.starts, r.recurrence, r.minutes, r.staffIds]),
  ]);
  return createHash('md5').update(JSON.stringify(saved)).digest('base64url');
}

/** A clinician of a line who is not suspended, with the means that rang and were heard. */
export type Clinician = {
  id: string;
  name: string;
  title: string | null;
  /** Null: that of their line. */
  organisation: string | null;
  means: { id: string; kind: MeansKind; address: unknown }[];
};

/** @param ids these only; null: all of the line */
export async function readClinicians(sql: Sql, lineId: string, ids: readonly string[] | null): Promise<Clinician[]> {
  const { rows } = await sql.query<Clinician>(
    `select s.id, s.name, s.title, s.organisation,
       coalesce((select jsonb_agg(jsonb_build_object('id', m.id, 'kind', m.kind, 'address', m.address) order by m.created_at, m.id)
         from means m where m.staff_id = s.id and m.removed_at is null and m.verified_at is not null), '[]') as means
     from staff_line l join staff s on s.id = l.staff_id
     where ${ids ? 'l.staff_id = any($2::uuid[]) and ' : ''}l.line_id = $1 and s.suspended_at is null and 'clinician' = any(s.roles)
     order by s.name, s.id`,
    ids ? [lineId, ids] : [lineId],
  );
  return rows;
}
