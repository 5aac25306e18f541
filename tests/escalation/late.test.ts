import { climbLate } from '@hearthline/server/due/sweeper';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { onCallLine, type OnCallLine } from '../support/onCall.ts';

let line: OnCallLine;
beforeEach(async () => {
  line = await onCallLine();
});
afterEach(() => line.close());

test('[I8] a server climbs a ladder that is late, as when no worker is alive; one that is not late is the workers’', async () => {
  const ana = await line.clinician('Ana', 'primary');
  const tom = await line.clinician('Tom', 'backup');
  const { peer, conversationId } = await line.talk();
  const id = await line.raise(peer, conversationId, 'consult');
  const lateBy = async (ms: number) => {
    const at = new Date(line.deps.clock.now().getTime() - ms);
    await line.rows('update escalation set next_due_at = $2 where id = $1', id, at);
    await line.rows('update due set due_at = $2 where subject_id = $1', id, at);
  };
  await lateBy(100);
  expect(await climbLate(line.deps)).toBe(0);
  expect(await line.facts(id)).toMatchObject({ step: 1, paged_id: ana.id });
  await lateBy(800);
  expect(await climbLate(line.deps)).toBe(1);
  expect(await line.facts(id)).toMatchObject({ step: 2, paged_id: tom.id });
  expect(await climbLate(line.deps)).toBe(0); // whoever comes second finds it done
});
