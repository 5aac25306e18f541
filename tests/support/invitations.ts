import { randomUUID } from 'node:crypto';
import { answerInvitation, inviteColleague } from '@hearthline/server/commands/invitations/inviteColleague';
import type { CallerActor, StaffActor } from '@hearthline/server/policies/actor';
import type { InvitationPurpose, SharedBefore } from '@hearthline/shared/contracts/invitation';
import { must, type TestLine } from './line.ts';

/** What tests of invitations do on a line. */
export function inviting(line: TestLine) {
  const { deps } = line;
  const one = async <T>(text: string, ...params: unknown[]) => (await deps.sql.query<T>(text, params)).rows[0];
  const command = () => ({ commandId: randomUUID() });
  return {
    one,
    command,
    make: (
      by: StaffActor,
      conversationId: string,
      purpose: InvitationPurpose = 'join',
      whom: { staffId?: string; lineId?: string } = {},
    ) => inviteColleague(deps, by, { ...command(), conversationId, purpose, ...whom }),
    /** Asked for and agreed to: a colleague is being asked. */
    async ring(
      by: StaffActor,
      caller: CallerActor,
      conversationId: string,
      {
        purpose = 'join',
        share = 'nothing',
        ...whom
      }: { purpose?: InvitationPurpose; share?: SharedBefore; staffId?: string; lineId?: string } = {},
    ): Promise<string> {
      const { invitationId } = must(await this.make(by, conversationId, purpose, whom));
      must(await answerInvitation(deps, caller, { ...command(), invitationId, yes: true, share }));
      return invitationId;
    },
    facts: (id: string) =>
      one<{ state: string; rings_id: string | null; cost: number; share: string | null }>(
        'select state, rings_id, cost, share from invitation where id = $1',
        id,
      ),
    load: async (who: StaffActor) =>
      (await one<{ load: number }>('select load from peer_state where staff_id = $1', who.id))?.load,
    /** Its time is over now. */
    late: (id: string) =>
      deps.sql.query(`update invitation set next_due_at = now() - interval '1 second' where id = $1`, [id]),
  };
}
