import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { knocker } from '../access/doorRows.ts';
import { testLine, type TestLine } from '../support/line.ts';

let line: TestLine;
beforeAll(async () => void (line = await testLine()));
afterAll(() => line?.close());

test.each([
  ['a mistake of ours', new Error('column "x" does not exist'), 'server.broke'],
  [
    'a database that is away',
    Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    'server.busy',
  ],
])(
  '[S40] %s is a plain sentence with a reference that the log has too, and nothing else',
  async (_what, error, code) => {
    const lines: string[] = [];
    const log = { error: (fields: object, text: string) => lines.push(JSON.stringify({ ...fields, text })) };
    const sql = { query: () => Promise.reject(error) };
    const { answer } = knocker({ ...line.deps, log, sql } as unknown as TestLine['deps']);
    const { caller, conversationId } = { caller: await line.caller(), conversationId: randomUUID() };
    const given = (await answer(caller, 'message.fetch', { conversationId, after: 0 })) as {
      ok: false;
      refusal: Record<string, unknown>;
    };
    expect(Object.keys(given.refusal).sort()).toEqual(['code', 'message', 'ref', 'retryable']);
    expect(given).toMatchObject({ ok: false, refusal: { code, retryable: true } });
    expect(given.refusal['ref']).toMatch(/^[0-9a-f]{8}$/);
    expect(JSON.stringify(given)).not.toMatch(/column|ECONN|select|stack/);
    expect(lines.length).toBe(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ ref: given.refusal['ref'], door: 'message.fetch' });
    expect(lines[0]).not.toContain(conversationId);
  },
);
