import { join } from 'node:path';
import { redeemReturnCode } from '@hearthline/server/commands/callers/returnCode';
import { readConfig } from '@hearthline/server/config';
import { openDeps } from '@hearthline/server/deps';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { must, until } from '../support/line.ts';
import { ROOT, program, raisedLimits, startStack, type Stack } from '../support/services.ts';
import { connect, type Connected } from '../support/sockets.ts';
import { visitor, type Visitor } from '../support/visitor.ts';

/** Whoever is thrown out is out on every node within this (S3, O5). */
const limitMs = 5000;
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ servers: 3, workers: 0, seed: true, env: raisedLimits });
});
afterAll(() => stack?.stop());

const at = (url: string, of: Visitor): Visitor => ({ ...visitor(stack, url), cookie: of.cookie });
async function onEveryNode(of: Visitor, as: 'staff' | 'caller'): Promise<Connected[]> {
  const open: Connected[] = [];
  for (const url of stack.urls) {
    const connected = await connect(at(url, of), as);
    if (!connected) throw new Error(`no socket at ${url}`);
    open.push(connected);
  }
  return open;
}
/** @returns ms from `since` until the last of them was closed by the server. */
async function outAfter(sockets: Connected[], since: number): Promise<number> {
  const reasons = await Promise.all(sockets.map((s) => s.closed));
  expect(reasons.every((r) => r === 'io server disconnect')).toBe(true);
  return performance.now() - since;
}
const nobody = async (url: string, cookie: string, name: string, as: string) => {
  const answer = await fetch(`${url}/api/doors/${name}`, {
    method: 'POST',
    headers: { origin: url, cookie, 'x-as': as, 'content-type': 'application/json' },
    body: '{}',
  });
  return answer.status === 401;
};

test('[S3] a suspended peer’s sockets and calls are out on three nodes within 5 s', async () => {
  const maya = visitor(stack);
  const account = await maya.signInAs('maya');
  const sockets = await onEveryNode(maya, 'staff');
  expect((await maya.door('desk.view', {})).status).toBe(200);
  const suspending = program(join(ROOT, 'server/src/cli/staff.ts'), stack.env, ['suspend', '--email', account.email]);
  const cut = outAfter(sockets, performance.now());
  await suspending;
  const since = performance.now(); // the sentence at the terminal is the promise
  for (const url of stack.urls)
    await until('the calls are refused', () => nobody(url, maya.cookie(), 'desk.view', 'staff'), limitMs);
  await cut;
  expect(performance.now() - since).toBeLessThan(limitMs);
  expect(sockets.map((s) => s.goodbye())).toEqual(['signedOut', 'signedOut', 'signedOut']);
  expect(await connect(maya, 'staff')).toBeNull();
  expect((await maya.get('/staff/desk')).location).toBe('/staff/sign-in');
  const again = visitor(stack);
  await expect(again.signIn(account)).rejects.toThrow('could not sign in'); // password and code are right, and open nothing
  expect((await again.door('desk.view', {})).status).toBe(401);
});

test('[S3] a suspension that only the staff row tells of is enough', async () => {
  const sam = visitor(stack);
  const { email } = await sam.signInAs('sam');
  const sockets = await onEveryNode(sam, 'staff');
  const pool = new pg.Pool({ connectionString: stack.databaseUrl, max: 1 });
  const since = performance.now();
  await pool.query('update staff set suspended_at = now() where email = $1', [email]);
  await pool.end();
  expect(await outAfter(sockets, since)).toBeLessThan(limitMs);
  expect((await sam.door('board.view', {})).status).toBe(401);
});

test('[S8] a peer who is signed out elsewhere is out of every node within 5 s', async () => {
  const idris = visitor(stack);
  await idris.signInAs('idris');
  const sockets = await onEveryNode(idris, 'staff');
  const since = performance.now();
  expect((await idris.call('POST', '/api/auth/sign-out', {})).status).toBe(200);
  expect(await outAfter(sockets, since)).toBeLessThan(limitMs);
});

test.each([
  ['idris', 'peer', 'clinician', 'desk.view'],
  ['rosa', 'coordinator', 'peer', 'board.view'],
])('[S8] %s, no %s any more, is refused on every open socket within 5 s', async (name, before, after, door) => {
  const staff = visitor(stack);
  const { email } = await staff.signInAs(name);
  const sockets = await onEveryNode(staff, 'staff');
  type Said = { ok: boolean; refusal?: { code: string } };
  const ask = (s: Connected) => s.socket.timeout(limitMs).emitWithAck(door, {}) as Promise<Said>;
  for (const s of sockets) expect((await ask(s)).ok).toBe(true);
  const pool = new pg.Pool({ connectionString: stack.databaseUrl, max: 1 });
  const become = (role: string) => pool.query('update staff set roles = $2 where email = $1', [email, [role]]);
  await become(after);
  for (const s of sockets)
    await until(`${door} is refused`, async () => (await ask(s)).refusal?.code === 'access.denied', limitMs);
  await become(before);
  await pool.end();
  for (const s of sockets) s.socket.close();
});

test('[S20] a caller who leaves by quick exit is out of every node within 5 s', async () => {
  const caller = visitor(stack);
  await caller.consent('Wren');
  const cookie = caller.cookie();
  const sockets = await onEveryNode(caller, 'caller');
  const since = performance.now();
  expect((await caller.call('POST', '/api/caller/exit')).status).toBe(204);
  for (const url of stack.urls) expect(await nobody(url, cookie, 'caller.view', 'caller')).toBe(true);
  expect(await outAfter(sockets, since)).toBeLessThan(limitMs);
  expect(sockets.map((s) => s.goodbye())).toEqual(['replaced', 'replaced', 'replaced']);
});

test('[S12] a used return code ends the old session on every node within 5 s, and no other caller’s', async () => {
  const { deps, close } = await openDeps(readConfig({ ...stack.env, LOG_LEVEL: 'silent' }), 'worker');
  const [caller, other] = [visitor(stack), visitor(stack)];
  await caller.consent('Fern');
  await other.consent('Moss');
  const [sockets, kept] = [await onEveryNode(caller, 'caller'), await onEveryNode(other, 'caller')];
  const made = (await caller.door('code.create', {})).body as { value: { code: string } };
  const since = performance.now();
  must(await redeemReturnCode(deps, made.value.code));
  expect(await outAfter(sockets, since)).toBeLessThan(limitMs);
  for (const url of stack.urls) expect(await nobody(url, caller.cookie(), 'caller.view', 'caller')).toBe(true);
  expect(kept.every((k) => k.socket.connected)).toBe(true);
  for (const k of kept) k.socket.close();
  await close();
});
