import type { Tx } from '../command.ts';

/** [OF5] Who let it ring without a word is paused until they say they are back. */
export async function pauseSilent(tx: Tx, staffId: string): Promise<void> {
  await tx.query(
    `update peer_state set state = 'paused', missed_offer = true, rev = rev + 1 where staff_id = $1 and state = 'available'`,
    [staffId],
  );
}
