import type { Tx } from '../command.ts';

/** The telephone call of this caller is over, if there is one: its room is ended after the commit (`endRooms.ts`). */
export async function endPhone(tx: Tx, callerId: string): Promise<boolean> {
  const { rowCount } = await tx.query('update phone_call set ended_at = $2 where caller_id = $1 and ended_at is null', [
    callerId,
    tx.now,
  ]);
  return rowCount === 1;
}
