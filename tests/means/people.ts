import { createECDH, randomBytes, randomUUID } from 'node:crypto';
import { ringMeNow } from '@hearthline/server/commands/means/ringMeNow';
import type { Deps } from '@hearthline/server/deps';
import { startSender } from '@hearthline/server/means/sendPages';
import type { StaffActor } from '@hearthline/server/policies/actor';
import type { Role } from '@hearthline/shared/contracts/ids';
import type { MeansKind } from '@hearthline/shared/contracts/escalation';
import { must, type TestLine } from '../support/line.ts';

type Row = { state: string; failure: string | null; provider_id: string | null; delivered_at: Date | null };

/** Somebody on staff, with a row, who works on no shift. */
export async function onStaff({ deps, lineId }: TestLine, name: string, role: Role = 'clinician'): Promise<StaffActor> {
  const id = randomUUID();
  await deps.sql.query(
    'insert into staff (id, auth_user_id, name, email, roles, created_at) values ($1, $2, $3, $4, $5, $6)',
    [id, id, name, `${id}@example.invalid`, [role], deps.clock.now()],
  );
  await deps.sql.query('insert into staff_line (staff_id, line_id) values ($1, $2)', [id, lineId]);
  return { kind: 'staff', id, name, roles: [role], lineIds: [lineId], locked: false };
}

/** A browser that takes notices, as it names itself to us. */
export function subscription(endpoint: string) {
  const browser = createECDH('prime256v1');
  const auth = randomBytes(16);
  browser.generateKeys();
  return {
    browser,
    auth,
    address: { endpoint, p256dh: browser.getPublicKey('base64url'), auth: auth.toString('base64url') },
  };
}

/** A means that was heard once. */
export async function meansOf(deps: Deps, staff: StaffActor, kind: MeansKind, address: object = {}): Promise<string> {
  const id = randomUUID();
  await deps.sql.query(
    `insert into means (id, staff_id, kind, address, label, verified_at, created_at) values ($1, $2, $3, $4, 'one', $5, $5)`,
    [id, staff.id, kind, JSON.stringify(address), deps.clock.now()],
  );
  return id;
}

export type Of = { escalationId?: string; step?: number; attempt?: number };
/** A page that is due. */
export async function pageOf(deps: Deps, staff: StaffActor, meansId: string, of: Of = {}): Promise<string> {
  const id = randomUUID();
  await deps.sql.query(
    `insert into page (id, escalation_id, staff_id, means_id, kind, step, attempt, state, made_at)
     select $1, $2, $3, $4, kind, $5, $6, 'due', $7 from means where id = $4`,
    [id, of.escalationId ?? null, staff.id, meansId, of.step ?? 1, of.attempt ?? 1, deps.clock.now()],
  );
  return id;
}

/** An escalation of a live talk that is calling this person on its first rung. */
export async function calling(line: TestLine, staff: StaffActor): Promise<string> {
  const { conversationId, peer } = await line.talk();
  const id = randomUUID();
  const now = line.deps.clock.now();
  await line.deps.sql.query(
    `insert into escalation (id, line_id, conversation_id, kind, raised_by, raised_by_id, raised_at, state, step, attempt, paged_id, next_due_at, called_at)
     values ($1, $2, $3, 'consult', 'peer', $4, $5, 'paging', 1, 1, $6, $7, $5)`,
    [id, line.lineId, conversationId, peer.id, now, staff.id, new Date(now.getTime() + 600_000)],
  );
  return id;
}

export async function pageRow({ sql }: Deps, id: string): Promise<Row> {
  const { rows } = await sql.query<Row>('select state, failure, provider_id, delivered_at from page where id = $1', [
    id,
  ]);
  if (!rows[0]) throw new Error(`no page ${id}`);
  return rows[0];
}

/** "Ring me now". @returns the page's id */
export async function ring(deps: Deps, staff: StaffActor, meansId: string): Promise<string> {
  must(await ringMeNow(deps, staff, { commandId: randomUUID(), meansId }));
  const { rows } = await deps.sql.query<{ id: string }>(
    'select id from page where means_id = $1 order by made_at desc limit 1',
    [meansId],
  );
  return rows[0]?.id ?? '';
}

/** Senders of these processes. */
export const senders = (...all: Deps[]) => sendersWithin(undefined, all);
/** With a deadline that a test can wait for. */
export const hastySenders = (...all: Deps[]) => sendersWithin(500, all);
function sendersWithin(deadlineMs: number | undefined, all: Deps[]): { stop(): Promise<void> } {
  const started = all.map((deps) => startSender(deps, deadlineMs));
  return {
    async stop() {
      await Promise.all(started.map((s) => s.stop()));
    },
  };
}
