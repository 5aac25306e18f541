import type { Deps } from '../deps.ts';

/** Whether both are in this live conversation now: then the one may be told what the other's browser says. */
export async function sharesTalk(
  { hot }: Pick<Deps, 'hot'>,
  conversationId: string,
  partyId: string,
  otherId: string,
): Promise<boolean> {
  const { rows } = await hot.query<{ n: number }>(
    `select count(*)::int as n from participant p join conversation c on c.id = p.conversation_id
     where p.conversation_id = $1 and p.party_id = any($2::uuid[]) and p.left_at is null and c.state = 'live'`,
    [conversationId, [partyId, otherId]],
  );
  return partyId !== otherId && rows[0]?.n === 2;
}
