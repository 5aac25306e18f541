import { randomUUID } from 'node:crypto';
import { endShift } from '@hearthline/server/commands/peers/workShift';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import { closeLines } from '@hearthline/server/due/closeLines';
import { callerView } from '@hearthline/server/presenters/callerView';
import { afterEach, expect, test } from 'vitest';
import { lineConfig, must, testLine, type TestLine } from '../support/line.ts';

let line: TestLine;
afterEach(() => line.close());
const close = async () => {
  await line.deps.sql.query(`update line set config = $1, version = version + 1`, [
    JSON.stringify({ ...lineConfig({ slug: 'test' }), hours: {} }),
  ]);
  await line.deps.lines.load();
};

test('[RQ7] closed, but a peer is still on shift: whoever waits goes on waiting; the last one home ends it in plain words', async () => {
  line = await testLine();
  const peer = await line.peer('Maya', { available: false });
  const caller = await line.caller();
  must(await openRequest(line.deps, caller, 'chat'));
  expect(await closeLines(line.deps)).toBe(0);
  await close();
  expect(await closeLines(line.deps)).toBe(0);
  must(await endShift(line.deps, peer, randomUUID()));
  expect(await closeLines(line.deps)).toBe(1);
  expect(await callerView(line.deps, caller)).toMatchObject({ stage: 'out', why: 'closed' });
  expect(await closeLines(line.deps)).toBe(0);
});

test('[RQ7] nobody on shift while the line is open: the place is kept', async () => {
  line = await testLine();
  const peer = await line.peer('Maya', { available: false });
  const caller = await line.caller();
  must(await openRequest(line.deps, caller, 'chat'));
  must(await endShift(line.deps, peer, randomUUID()));
  expect(await closeLines(line.deps)).toBe(0);
  expect(await callerView(line.deps, caller)).toMatchObject({ stage: 'waiting', peersOnShift: 0 });
});
