import type { Sql } from '../storage/postgres/pool.ts';

/** Destroying the wrapped keys destroys the text: at once here, and in every backup when their key of the day dies. */
export async function destroyConversationKeys(sql: Sql, conversationId: string): Promise<void> {
  await sql.query('delete from epoch_key where conversation_id = $1', [conversationId]);
}
export async function destroyRecordKey(sql: Sql, ownerKind: string, ownerId: string): Promise<void> {
  await sql.query('delete from record_key where owner_kind = $1 and owner_id = $2', [ownerKind, ownerId]);
}
