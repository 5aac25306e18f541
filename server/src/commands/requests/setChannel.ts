import type { TalkChannel } from '@hearthline/shared/contracts/ids';
import type { Result } from '@hearthline/shared/contracts/refusals';
import { isCall } from '@hearthline/shared/domain/channel.machine';
import type { Deps } from '../../deps.ts';
import type { CallerActor } from '../../policies/actor.ts';
import { act, Refused } from '../command.ts';
import { rescindOffer } from '../offers/rescindOffer.ts';

/** [RQ8] Another channel while waiting keeps place and age; whoever was just being asked about the other one is told. */
export function setRequestChannel(
  deps: Deps,
  actor: CallerActor,
  input: { commandId: string; channel: TalkChannel },
): Promise<Result<{ done: true }>> {
  return act(deps, { name: 'request.setChannel', actor, commandId: input.commandId, input }, async (tx) => {
    const offered = deps.lines.byId(actor.lineId)?.config.channels ?? [];
    if (isCall(input.channel) && (deps.media.kind === 'off' || !offered.includes(input.channel)))
      throw new Refused('media.off');
    if (isCall(input.channel) && deps.media.calls().state === 'down') throw new Refused('media.down');
    const { rows } = await tx.query<{ id: string; line_id: string; channel: string }>(
      `select id, line_id, channel from request where caller_id = $1 and state in ('waiting', 'offered') for update`,
      [actor.id],
    );
    const request = rows[0];
    if (!request) throw new Refused('request.gone');
    if (request.channel === input.channel) return { done: true as const };
    await rescindOffer(tx, { requestId: request.id });
    await tx.query(`update request set channel = $2, state = 'waiting', rev = rev + 1 where id = $1`, [
      request.id,
      input.channel,
    ]);
    tx.emit({ type: 'request.channel', lineId: request.line_id, requestId: request.id, callerId: actor.id });
    tx.audit('request.channelSet', request.line_id, request.id, { channel: input.channel });
    return { done: true as const };
  });
}
