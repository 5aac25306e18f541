import { randomUUID } from 'node:crypto';
import type { Deps } from '@hearthline/server/deps';
import { readLayers, versionOf } from '@hearthline/server/onCall/readRoster';
import type { StaffActor } from '@hearthline/server/policies/actor';
import type { MeansKind } from '@hearthline/shared/contracts/escalation';
import type { Rotation, SaveRoster } from '@hearthline/shared/contracts/onCall';
import type { Role } from '@hearthline/shared/contracts/ids';

/** Somebody on staff of the line. @param means verified ones */
export async function staffed(
  { deps, lineId }: { deps: Deps; lineId: string },
  name: string,
  role: Role = 'clinician',
  means: readonly MeansKind[] = role === 'clinician' ? ['alarm'] : [],
): Promise<StaffActor> {
  const id = randomUUID();
  await deps.sql.query(
    `insert into staff (id, auth_user_id, name, email, roles, title, created_at) values ($1, $6, $2, $3, $4, 'nurse', $5)`,
    [id, name, `${id}@example.invalid`, [role], deps.clock.now(), id],
  );
  await deps.sql.query('insert into staff_line (staff_id, line_id) values ($1, $2)', [id, lineId]);
  for (const kind of means)
    await deps.sql.query(
      `insert into means (id, staff_id, kind, address, label, verified_at, created_at) values ($1, $2, $3, '{}', 'x', $4, $4)`,
      [randomUUID(), id, kind, deps.clock.now()],
    );
  return { kind: 'staff', id, name, roles: [role], lineIds: [lineId], locked: false };
}

export const rotationOf = (staffIds: string[], over: Partial<Rotation> = {}): Rotation => ({
  id: randomUUID(),
  timeZone: 'UTC',
  starts: '2026-01-01T00:00',
  recurrence: 'FREQ=DAILY',
  minutes: null,
  staffIds,
  ...over,
});

/** A save of the roster as it is now. */
export const saveOf = async (
  { deps, lineId }: { deps: Deps; lineId: string },
  layers: SaveRoster['layers'],
): Promise<SaveRoster> => ({
  commandId: randomUUID(),
  lineId,
  version: versionOf(await readLayers(deps.sql, lineId, deps.clock.now())),
  layers,
});
