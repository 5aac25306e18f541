import { randomUUID } from 'node:crypto';
import { act } from '@hearthline/server/commands/command';
import { lockConversation } from '@hearthline/server/commands/conversations/lockConversation';
import { addParty } from '@hearthline/server/commands/parties/addParty';
import { openSide } from '@hearthline/server/commands/parties/openSide';
import type { Deps } from '@hearthline/server/deps';
import { system, type StaffActor } from '@hearthline/server/policies/actor';
import { must, type TestLine } from './line.ts';

/** Somebody on staff of this line who can be brought into a conversation. */
export async function clinicianOf(line: Pick<TestLine, 'deps' | 'lineId'>, name = 'Ana'): Promise<StaffActor> {
  const id = randomUUID();
  await line.deps.sql.query(
    `insert into staff (id, auth_user_id, name, title, email, roles, created_at) values ($1, $2, $3, 'nurse', $4, '{clinician}', $5)`,
    [id, id, name, `${id}@example.invalid`, line.deps.clock.now()],
  );
  await line.deps.sql.query('insert into staff_line (staff_id, line_id) values ($1, $2)', [id, line.lineId]);
  return { kind: 'staff', id, name, roles: ['clinician'], lineIds: [line.lineId], locked: false };
}

/** As an escalation does it once everybody has agreed. */
export async function comesIn(
  deps: Deps,
  conversationId: string,
  partyId: string,
  reads: 'all' | 'fromNow' = 'fromNow',
): Promise<void> {
  must(
    await act(deps, { name: 'test.join', actor: system }, async (tx) =>
      addParty(tx, deps, await lockConversation(tx, conversationId), { partyId, role: 'clinician', reads }),
    ),
  );
}

export async function sideOpens(deps: Deps, conversationId: string, clinicianId: string): Promise<string> {
  return must(
    await act(deps, { name: 'test.side', actor: system }, async (tx) =>
      openSide(tx, deps, await lockConversation(tx, conversationId), clinicianId),
    ),
  );
}
