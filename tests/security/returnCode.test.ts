import { randomBytes } from 'node:crypto';
import type { PageServices } from '@hearthline/shared/contracts/pageServices';
import { callerOf } from '@hearthline/server/commands/callers/callerSession';
import { createReturnCode, newCode } from '@hearthline/server/commands/callers/returnCode';
import { pageServices } from '@hearthline/server/http/pages';
import type { StaffSessions } from '@hearthline/server/realtime/staffSessions';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { must, testLine, type TestLine } from '../support/line.ts';

let line: TestLine;
beforeAll(async () => void (line = await testLine({}, { HEARTHLINE_TRUST_PROXY: '1' })));
afterAll(() => line?.close());

const nobody: StaffSessions = { staffOf: async () => null, alive: async () => new Map(), active: async () => {} };
type Asked = Parameters<ReturnType<typeof pageServices>>[0] & { pageServices: PageServices };
/** The services of one server's pages, for a browser on this network with this cookie. */
function node() {
  const hand = pageServices(line.deps, nobody, randomBytes(32));
  return (network: string, cookie = ''): PageServices => {
    const req = { headers: { 'x-forwarded-for': network, cookie }, socket: {} } as unknown as Asked;
    hand(req, {} as Parameters<typeof hand>[1], () => {});
    return req.pageServices;
  };
}
const answerOf = async (given: Promise<{ ok: boolean; code?: string }>) => (await given).code ?? 'ok';

test('[S12] five tries a network, then it waits; another network does not', async () => {
  const from = node();
  const { code } = must(await createReturnCode(line.deps, await line.caller()));
  const tries: string[] = [];
  for (let n = 0; n < 7; n++) tries.push(await answerOf(from(`203.0.113.${n}`).redeemCode(newCode())));
  expect(tries).toEqual([...Array<string>(5).fill('code.wrong'), 'code.locked', 'code.locked']);
  expect(await answerOf(from('203.0.113.9').redeemCode(code))).toBe('code.locked'); // the right one too: no oracle
  expect(await answerOf(from('198.51.100.1').redeemCode(code))).toBe('ok');
});

test('[S12] 10 000 guesses from 10 000 networks are stopped: 300 are looked at, and a wrong guess finds nothing', async () => {
  const from = node();
  const tally: Record<string, number> = {};
  for (let n = 0; n < 10_000; n++) {
    const answer = await answerOf(from(`10.${n >> 8}.${n & 255}.1`).redeemCode(newCode()));
    tally[answer] = (tally[answer] ?? 0) + 1;
  }
  expect(tally).toEqual({ 'code.wrong': 300, 'code.locked': 9700 });
});

test('[S12] each use is a new session: one set beforehand is never adopted, and the old one is nobody', async () => {
  const from = node();
  const caller = await line.caller();
  const { code } = must(await createReturnCode(line.deps, caller));
  const planted = randomBytes(32).toString('base64url');
  const tokens: string[] = [];
  for (let n = 0; n < 3; n++) {
    const used = await from(`192.0.${n}.1`, `hl_caller=${tokens.at(-1) ?? planted}`).redeemCode(code);
    if (!used.ok) throw new Error(used.code);
    tokens.push(used.cookie.value);
  }
  expect(new Set([...tokens, planted]).size).toBe(4);
  expect(await callerOf(line.deps, planted)).toBeNull();
  expect(await Promise.all(tokens.map((t) => callerOf(line.deps, t)))).toEqual([
    null,
    null,
    { kind: 'caller', id: caller.id, lineId: caller.lineId },
  ]);
  const kept = await line.deps.sql.query<{ row: string }>('select t::text as row from return_code t', []);
  for (const word of code.split(' ')) expect(JSON.stringify(kept.rows)).not.toContain(word);
});
