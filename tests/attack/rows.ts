import pg from 'pg';

/** Everything that a command may write; presence, timers and the marks of the machinery move by themselves. */
const records = {
  request: 'id, state, first_joined_at',
  offer: 'id, state',
  conversation: 'id, state, epoch, last_seq, ended_at, channel, cost, proposed_channel, proposed_by',
  media_room: '*',
  media_seat: 'room_id, party_id',
  participant:
    'conversation_id, party_id, role, from_epoch, after_seq, joined_epoch, joined_seq, until_epoch, until_seq, joined_at, left_at, delivered_seq, read_seq',
  message: '*',
  epoch_key: 'conversation_id, epoch',
  sealed_field: '*',
  invitation: 'id, state, rings_id',
  wrap_up: '*',
  survey: '*',
  consent: '*',
  caller: 'id',
  caller_session: '*',
  return_code: '*',
  shift: '*',
  peer_state: 'staff_id, state, load, chat_limit, channels',
  command_log: '*',
};

/** One digest of each table, to hold a moment against a later one. */
export async function recordsOf(databaseUrl: string): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const found: Record<string, string> = {};
    for (const [table, columns] of Object.entries(records)) {
      const { rows } = await client.query<{ digest: string }>(
        `select count(*) || ' rows, ' || md5(coalesce(string_agg(t::text, '|' order by t::text), '')) as digest from (select ${columns} from ${table}) t`,
      );
      found[table] = rows[0]?.digest ?? '';
    }
    return found;
  } finally {
    await client.end();
  }
}
