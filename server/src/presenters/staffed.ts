import type { TalkChannel } from '@hearthline/shared/contracts/ids';
import { openStateOf } from '@hearthline/shared/domain/hours';
import { waysTo } from '@hearthline/shared/domain/waysTo';
import type { Deps } from '../deps.ts';
import type { Line } from '../storage/postgres/lines.store.ts';

/** Who could answer on a line, as pages are told: peers on shift and here, and what they take, in the order of `talkChannels`. */
export type Staffed = { peersOnShift: number; taken: TalkChannel[] };
export type StaffedRow = { on_shift: number; taken: TalkChannel[] };

/** [LN1][LN2] One row (StaffedRow) for the line of this id, from one look at its peers. */
export const staffedOf = (lineId: string): string => `
  select count(*)::int as on_shift, array_remove(array[
      case when bool_or('chat' = any(s.channels)) then 'chat' end,
      case when bool_or('voice' = any(s.channels)) then 'voice' end,
      case when bool_or('video' = any(s.channels)) then 'video' end], null) as taken
  from peer_state s where s.line_id = ${lineId} and s.state not in ('off', 'finishing') and s.away_since is null`;

const statement = staffedOf('$1');
export async function readStaffed({ sql }: Pick<Deps, 'sql'>, lineId: string): Promise<Staffed> {
  const { rows } = await sql.query<StaffedRow>(statement, [lineId]);
  return { peersOnShift: rows[0]?.on_shift ?? 0, taken: rows[0]?.taken ?? [] };
}

/** Whether the line is open now: whoever is on shift counts while there is a way to talk with them. */
export function openNow(deps: Pick<Deps, 'clock' | 'media'>, { config }: Line, { peersOnShift, taken }: Staffed) {
  const ways = waysTo({ config, calls: deps.media.calls(), taken });
  return openStateOf(config, deps.clock.now(), ways.length > 0 ? peersOnShift : 0);
}
