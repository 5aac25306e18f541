import type { Result } from '@hearthline/shared/contracts/refusals';
import type { Channel } from '@hearthline/shared/contracts/ids';
import { openStateOf } from '@hearthline/shared/domain/hours';
import { statesBefore } from '@hearthline/shared/domain/request.machine';
import { act, Refused, type Tx } from '../act.ts';
import type { LineId } from '../line/line.ts';
import type { Process } from '../processes.ts';
import type { RowOf } from '../store/rows.ts';
import { rescind } from './offers.ts';
import { endWithRequest } from './withTalk.ts';

export const onShift = (tx: Pick<Tx, 'live'>, line: LineId): boolean =>
  [...tx.live('peer').values()].some(
    ({ state, lineId }) => lineId === line && state !== 'off' && state !== 'finishing',
  );

/** [RQ2] */
export const openRequest = (p: Process, callerId: string, commandId: string, channel: Channel) =>
  act(p, { name: 'request.open', actor: callerId, commandId }, (tx) => {
    const live = [...tx.live('request').values()].find((r) => r.callerId === callerId);
    if (live) return { requestId: live.id };
    if (openStateOf(tx.world.line.config, tx.date, 1).state !== 'open') throw new Refused('line.closed');
    if (!onShift(tx, 'ours')) throw new Refused('line.nobodyHere');
    const id = tx.newId('request');
    tx.put('request', {
      id,
      lineId: 'ours',
      callerId,
      state: 'waiting',
      class: 1,
      channel,
      joinedAt: tx.now,
      absentSince: null,
      heldUntil: null,
    });
    tx.emit('request.opened', callerId);
    return { requestId: id };
  });

/** [RQ3] */
export const leaveRequest = (p: Process, callerId: string, commandId: string) =>
  act(p, { name: 'request.leave', actor: callerId, commandId }, (tx) => {
    const request = [...tx.live('request').values()].find((r) => r.callerId === callerId && r.state !== 'matched');
    if (!request) throw new Refused('request.gone');
    endRequest(tx, request, 'left');
    return { done: true };
  });

/** [RQ4] Judged on the row: whoever was back in between is held anew. */
export const lapseRequest = (p: Process, id: string) =>
  act(p, { name: 'request.lapse' }, (tx) => {
    const request = tx.get('request', id);
    if (request?.heldUntil == null || tx.now < request.heldUntil) return { done: false };
    if (request.state !== 'waiting' && request.state !== 'offered') return { done: false };
    endRequest(tx, request, 'lapsed');
    return { done: true };
  });

/** [RQ7] The line is closed and nobody is on shift. */
export const endAtClosing = (p: Process, id: string) =>
  act(p, { name: 'request.endAtClosing' }, (tx) => {
    const request = tx.get('request', id);
    if (request?.state !== 'waiting' || onShift(tx, request.lineId)) return { done: false };
    if (openStateOf(tx.world.line.config, tx.date, 0).state !== 'closed') return { done: false };
    endRequest(tx, request, 'lapsed');
    return { done: true };
  });

function endRequest(tx: Tx, request: RowOf<'request'>, to: 'left' | 'lapsed'): void {
  const before = statesBefore(to);
  if (!tx.change('request', request.id, (r) => before.includes(r.state), { state: to }))
    throw new Refused('request.gone');
  rescind(tx, (o) => o.requestId === request.id);
  endWithRequest(tx, request.callerId);
  tx.undue('request.lapse', request.id);
  tx.emit(`request.${to}`, request.callerId);
}

/** [RQ8] */
export const setRequestChannel = (p: Process, callerId: string, commandId: string, channel: Channel): Result<unknown> =>
  act(p, { name: 'request.setChannel', actor: callerId, commandId }, (tx) => {
    const request = [...tx.live('request').values()].find((r) => r.callerId === callerId && r.state !== 'matched');
    if (!request) throw new Refused('request.gone');
    if (request.channel === channel) return { done: true };
    rescind(tx, (o) => o.requestId === request.id);
    tx.change('request', request.id, () => true, { channel, state: 'waiting' });
    tx.emit('request.channel', callerId);
    return { done: true };
  });
