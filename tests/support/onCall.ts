import { randomUUID } from 'node:crypto';
import { answerHandOff } from '@hearthline/server/commands/escalations/answerHandOff';
import { raiseEscalation } from '@hearthline/server/commands/escalations/raiseEscalation';
import type { CallerActor, StaffActor } from '@hearthline/server/policies/actor';
import type { EscalationKind, Share } from '@hearthline/shared/contracts/escalation';
import type { LineConfig } from '@hearthline/shared/contracts/line';
import { must, testLine } from './line.ts';

export const ladder: NonNullable<LineConfig['escalation']> = {
  steps: [
    { layer: 'primary', seconds: 60, times: 1 },
    { layer: 'backup', seconds: 60, times: 1 },
  ],
  joinSeconds: 180,
  askSeconds: 300,
  announceConsult: false,
  protocol: ['Stay with them.', 'Ask where they are.'],
};

export type EscalationFacts = {
  id: string;
  state: string;
  step: number;
  owner_id: string | null;
  paged_id: string | null;
  next_due_at: Date | null;
  share: Share | null;
};

/** A line with a ladder, and what tests of escalations do on it. */
export async function onCallLine(over: Partial<LineConfig> = {}, env: Record<string, string> = {}) {
  const line = await testLine({ escalation: ladder, ...over }, env);
  const { deps } = line;
  const rows = async <T>(text: string, ...params: unknown[]) => (await deps.sql.query<T>(text, params)).rows;
  const command = () => ({ commandId: randomUUID() });

  async function staff(name: string, role: 'clinician' | 'coordinator', means = true): Promise<StaffActor> {
    const id = randomUUID();
    await rows(
      `insert into staff (id, auth_user_id, name, title, email, roles, created_at) values ($1, $2, $3, 'nurse', $4, $5, $6)`,
      ...[id, id, name, `${id}@example.invalid`, [role], deps.clock.now()],
    );
    await rows('insert into staff_line (staff_id, line_id) values ($1, $2)', id, line.lineId);
    if (means)
      await rows(
        `insert into means (id, staff_id, kind, label, verified_at, created_at) values ($1, $2, 'alarm', 'Open pages', $3, $3)`,
        ...[randomUUID(), id, deps.clock.now()],
      );
    return { kind: 'staff', id, name, roles: [role], lineIds: [line.lineId], locked: false };
  }

  return {
    ...line,
    rows,
    command,
    /** Somebody who is on call for this layer at all times, the first of them first. */
    async clinician(name: string, layer: 'primary' | 'backup', means = true): Promise<StaffActor> {
      const actor = await staff(name, 'clinician', means);
      const layerId = randomUUID();
      await rows(
        `insert into on_call_layer (id, line_id, name, position) values ($1, $2, $3, $4)`,
        ...[layerId, line.lineId, layer, layer === 'primary' ? 1 : 2],
      );
      await rows(
        `insert into on_call_rotation (id, layer_id, position, time_zone, starts, recurrence, staff_ids)
         values ($1, $2, 1, 'UTC', '2026-01-01T00:00', 'FREQ=DAILY', $3)`,
        ...[randomUUID(), layerId, [actor.id]],
      );
      return actor;
    },
    coordinator: (name: string, means = true) => staff(name, 'coordinator', means),
    async raise(peer: StaffActor, conversationId: string, kind: EscalationKind): Promise<string> {
      const said = { kind, reason: 'Asks about tablets.', summary: 'Not sleeping.' };
      return must(await raiseEscalation(deps, peer, { ...command(), conversationId, ...said })).escalationId;
    },
    /** Raised as a hand-off and agreed to. */
    async handOff(peer: StaffActor, caller: CallerActor, conversationId: string, share: Share): Promise<string> {
      const escalationId = await this.raise(peer, conversationId, 'handOff');
      must(await answerHandOff(deps, caller, { ...command(), escalationId, yes: true, share }));
      return escalationId;
    },
    async facts(id: string): Promise<EscalationFacts> {
      const [row] = await rows<EscalationFacts>(
        'select id, state, step, owner_id, paged_id, next_due_at, share from escalation where id = $1',
        id,
      );
      if (!row) throw new Error('no such escalation');
      return row;
    },
    /** Its time is over now. */
    async late(id: string): Promise<void> {
      await rows(`update escalation set next_due_at = now() - interval '1 second' where id = $1`, id);
      await rows(`update due set due_at = now() - interval '1 second' where subject_id = $1`, id);
    },
    audited: async (action: string) =>
      (await rows<{ n: number }>('select count(*)::int as n from audit where action = $1', action))[0]?.n ?? -1,
  };
}
export type OnCallLine = Awaited<ReturnType<typeof onCallLine>>;
