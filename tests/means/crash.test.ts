import { afterAll, beforeAll, expect, test } from 'vitest';
import { testLine, until, type TestLine } from '../support/line.ts';
import { startStack, type Stack } from '../support/services.ts';
import { calling, meansOf, onStaff, pageOf, pageRow } from './people.ts';
import { provider, type Provider } from './providers.ts';

let line: TestLine, gateway: Provider, stack: Stack;
beforeAll(async () => {
  [gateway, line] = await Promise.all([provider(), testLine()]);
  stack = await startStack({
    servers: 0,
    databaseUrl: line.deps.config.databaseUrl,
    redisUrl: line.deps.config.redisUrl,
    env: {
      HEARTHLINE_PAGE_WEBHOOK_URL: gateway.url,
      HEARTHLINE_PAGE_WEBHOOK_SECRET: 'a secret of the gateway',
    },
  });
});
afterAll(async () => {
  await stack?.stop();
  await line?.close();
  await gateway?.stop();
});
const keys = () => gateway.asked.map((a) => a.headers['idempotency-key']);

test.each([
  ['page.send.afterClaim', 0],
  ['page.send.afterSend', 1],
] as const)(
  '[PG2][I16] killed at %s: unknown, and another attempt under another key; no key twice',
  async (point, reached) => {
    const ana = await onStaff(line, 'Ana');
    const escalationId = await calling(line, ana);
    const means = await meansOf(line.deps, ana, 'webhook', { number: '+15550100123' });
    const before = keys().length;
    await stack.restart('worker1', { HEARTHLINE_CRASH_AT: `${point}:1:SIGKILL` });
    const id = await pageOf(line.deps, ana, means, { escalationId });
    await until('the worker is dead', async () => !stack.running('worker1'), 20_000);
    expect((await pageRow(line.deps, id)).state).toBe('sending');
    expect(keys().slice(before)).toEqual(Array<string>(reached).fill(id));
    await stack.restart('worker1');
    await until('nobody knows of it', async () => (await pageRow(line.deps, id)).state === 'unknown', 25_000);
    await until('there is another', async () => keys().length === before + reached + 1);
    const next = String(keys().at(-1));
    await until('it is sent', async () => (await pageRow(line.deps, next)).state === 'sent');
    expect(next).not.toBe(id);
    expect(new Set(keys()).size).toBe(keys().length);
  },
  60_000,
);
