import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import type { DomainEvent } from '@hearthline/shared/contracts/domainEvents';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must, testLine, until, type TestLine } from '../support/line.ts';

let line: TestLine;
beforeEach(async () => {
  line = await testLine();
});
afterEach(() => line.close());

test('[F9] [F48] a process without Redis hears what others did from the outbox, and hears nothing twice from it', async () => {
  await line.peer('Maya', { available: false });
  const other = await line.node();
  const heard: DomainEvent[] = [];
  other.hub.on((e) => heard.push(e));
  expect(other.withoutRedis()).toBe(false);
  line.deps.redis.disconnect();
  other.redis.disconnect();
  await until('it knows', async () => other.withoutRedis());
  must(await openRequest(line.deps, await line.caller(), 'chat'));
  await until('the event is heard', async () => heard.some((e) => e.type === 'request.opened'));
  await new Promise((done) => setTimeout(done, 2500));
  // the subscriber has its own connection here, so it may come that way too
  expect(heard.filter((e) => e.type === 'request.opened').length).toBeLessThanOrEqual(2);
});
