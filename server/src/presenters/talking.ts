import type { TalkChannel } from '@hearthline/shared/contracts/ids';
import type { CallerConversation, Party } from '@hearthline/shared/contracts/views';
import type { StaffRole } from '@hearthline/shared/domain/control.machine';
import type * as z from 'zod/mini';
import type { Deps } from '../deps.ts';

type PartyRow = {
  id: string;
  role: 'caller' | StaffRole;
  name: string | null;
  title: string | null;
  lost: boolean;
  left: boolean;
  joined: string;
  all: boolean;
  agreed: boolean;
};
export type TalkingRow = {
  proposed_channel: TalkChannel | null;
  proposed_by: 'caller' | 'peer' | null;
  generation: number | null;
  encrypted: boolean;
  opened_at: Date;
  after_seq: number;
  holder_id: string;
  parties: PartyRow[];
};
/** For a statement in which `alias` is the conversation and `pm` the row of this person in it. */
export const talkingColumns = (alias: string): string =>
  `${alias}.proposed_channel, ${alias}.proposed_by, mr.generation, mr.encrypted, mr.opened_at, pm.after_seq, ${alias}.peer_id as holder_id,
   (select jsonb_agg(jsonb_build_object('id', q.party_id, 'role', q.role, 'name', qs.name, 'title', qs.title,
        'lost', q.lost_at is not null or q.role = 'caller' and ${alias}.caller_lost_at is not null,
        'left', q.left_at is distinct from ${alias}.ended_at, 'joined', coalesce(q.joined_at, ${alias}.started_at), 'all', q.from_epoch = 1,
        'agreed', coalesce(q.from_epoch < q.joined_epoch, false))
      order by q.role <> 'caller', q.joined_at nulls first, q.party_id)
    from participant q left join staff qs on qs.id = q.party_id where q.conversation_id = ${alias}.id) as parties`;
export const talkingJoin = (alias: string): string =>
  `left join media_room mr on mr.conversation_id = ${alias}.id and mr.closed_at is null`;

type Talking = Pick<z.infer<typeof CallerConversation>, 'proposal' | 'calls' | 'room' | 'parties' | 'left' | 'fromSeq'>;

/**
 * What everybody in it sees of who is there and how they talk, each from their own side: a wish of the staff side is that of
 * whoever holds it.
 */
export const talkingOf = (
  deps: Pick<Deps, 'media'>,
  row: TalkingRow,
  me: { id: string; side: 'caller' | 'staff'; callerName: string | null },
): Talking => ({
  proposal: row.proposed_channel && {
    channel: row.proposed_channel,
    mine: row.proposed_by === 'caller' ? me.side === 'caller' : row.holder_id === me.id,
  },
  calls: deps.media.calls(),
  room:
    row.generation === null
      ? null
      : {
          generation: row.generation,
          encrypted: row.encrypted,
          openedAt: row.opened_at.toISOString(),
        },
  parties: row.parties.filter((p) => !p.left).map((p) => partyOf(p, row.holder_id, me.callerName)),
  left: row.parties
    .filter((p) => p.left)
    .map(({ id, role, name, title }) => ({ id, role, name: role === 'caller' ? me.callerName : name, title })),
  fromSeq: row.after_seq + 1,
});

const partyOf = (p: PartyRow, holderId: string, callerName: string | null): Party => ({
  id: p.id,
  role: p.role,
  name: p.role === 'caller' ? callerName : p.name,
  title: p.title,
  presence: p.lost ? 'comingBack' : 'here',
  holds: p.id === holderId,
  reads: p.all ? 'all' : 'fromJoining',
  agreed: p.agreed,
  joinedAt: new Date(p.joined).toISOString(),
});
