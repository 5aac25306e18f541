import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readEpochKeys } from '@hearthline/server/keys/epochKeys';
import { purgeDue } from '@hearthline/server/due/keepKeys';
import { openKeyRing } from '@hearthline/server/keys/keyRing';
import { readSealed } from '@hearthline/server/keys/recordKeys';
import { rotateKeys } from '@hearthline/server/keys/rotateKeys';
import { endConversation } from '@hearthline/server/commands/conversations/endConversation';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must, testLine, type TestLine } from '../support/line.ts';

let line: TestLine;
beforeEach(async () => {
  line = await testLine();
});
afterEach(() => line.close());
const days = (n: number) => new Date(line.deps.clock.now().getTime() + n * 86_400_000);
const kekFiles = () => readdirSync(join(line.deps.config.keysDir, line.lineId));

test('[KY2][S30] rotation moves live keys to today and destroys key-encryption keys made over 7 days ago', async () => {
  const { caller, conversationId } = await line.talk();
  const before = await readEpochKeys(line.deps.sql, line.deps.ring, conversationId);
  expect((await rotateKeys(line.deps.sql, line.deps.ring, days(1))).moved).toBeGreaterThanOrEqual(2);
  expect(kekFiles()).toHaveLength(2);
  expect((await rotateKeys(line.deps.sql, line.deps.ring, days(9))).destroyed).toBe(2);
  expect(kekFiles()).toHaveLength(1);
  const fresh = openKeyRing(line.deps.config.keysDir); // another process, nothing remembered
  expect(await readEpochKeys(line.deps.sql, fresh, conversationId)).toEqual(before);
  expect(await readSealed(line.deps.sql, fresh, { ownerKind: 'caller', ownerId: caller.id, field: 'name' })).toBe(
    'Sparrow',
  );
});

test('[I17][S31] a purge destroys the keys first; a copy from before it cannot be read once the key of its day is gone', async () => {
  const { peer, conversationId } = await line.talk();
  const backup = await line.deps.sql.query<{ wrapped: Buffer; day: string }>(
    'select wrapped, kek_day::text as day from epoch_key where conversation_id = $1',
    [conversationId],
  );
  must(await endConversation(line.deps, peer, { commandId: randomUUID(), conversationId, reason: 'finished' }));
  await line.deps.sql.query('update conversation set purge_due_at = $2 where id = $1', [conversationId, days(-1)]);
  expect(await purgeDue(line.deps)).toBe(1);
  expect(await readEpochKeys(line.deps.sql, line.deps.ring, conversationId)).toEqual([]);
  expect(
    (await line.deps.sql.query('select 1 from message where conversation_id = $1', [conversationId])).rowCount,
  ).toBe(0);
  await rotateKeys(line.deps.sql, line.deps.ring, days(9));
  expect(existsSync(join(line.deps.config.keysDir, line.lineId, `${backup.rows[0]?.day}.kek`))).toBe(false);
});
