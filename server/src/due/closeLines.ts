import { openStateOf } from '@hearthline/shared/domain/hours';
import { endAtClosing } from '../commands/requests/leaveRequest.ts';
import type { Deps } from '../deps.ts';

/** Ends what waits on lines that are closed and have nobody on shift. @returns how many were told so. */
export async function closeLines(deps: Deps): Promise<number> {
  const now = deps.clock.now();
  const closed = deps.lines.all().filter((l) => openStateOf(l.config, now, 0).state === 'closed');
  const { rows } = await deps.sql.query<{ id: string }>(
    `select id from request r where line_id = any($1::uuid[]) and state = 'waiting'
       and not exists (select 1 from peer_state s where s.line_id = r.line_id and s.state not in ('off', 'finishing')) limit 500`,
    [closed.map((l) => l.id)],
  );
  for (const { id } of rows) await endAtClosing(deps, id);
  return rows.length;
}
