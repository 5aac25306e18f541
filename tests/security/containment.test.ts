import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT, program, raisedLimits, startStack, type Stack } from '../support/services.ts';
import { connect } from '../support/sockets.ts';
import { done, talking } from '../support/talking.ts';
import { visitor } from '../support/visitor.ts';

const drillMs = 10 * 60_000;
const cli = join(ROOT, 'server/src/cli/contain.ts');
let stack: Stack;
let secretFile: string;
beforeAll(async () => {
  stack = await startStack({ seed: true, env: raisedLimits });
  secretFile = join(stack.dataDir, 'secret'); // as `npm start` keeps it
  writeFileSync(secretFile, stack.env['HEARTHLINE_SECRET'] ?? '');
});
afterAll(() => stack?.stop());

const contain = (...args: string[]) => program(cli, stack.env, args);
const keyFiles = (dir: string) =>
  readdirSync(dir, { recursive: true })
    .map(String)
    .filter((f) => f.endsWith('.kek'))
    .sort();

test('[S37] the drill: all are signed out, secret and keys are new, the talk goes on for whoever signs in again', async () => {
  const since = performance.now();
  const [peer, caller] = [visitor(stack), visitor(stack)];
  const account = await peer.signInAs('maya');
  const { conversationId, keys } = await talking(peer, caller);
  await done(caller, 'code.create', {});
  const open = await Promise.all([connect(peer, 'staff'), connect(caller, 'caller')]);

  await expect(contain('secrets')).rejects.toThrow(/Hearthline is running/); // it would go on with the old ones
  expect(await contain('sessions')).toMatch(/Ended: 1 sessions of staff, 1 of callers\./);
  const ended = performance.now();
  expect([await open[0]?.closed, await open[1]?.closed]).toEqual(Array(2).fill('io server disconnect'));
  expect(performance.now() - ended).toBeLessThan(5000);
  expect((await peer.door('desk.view', {})).status).toBe(401);
  expect((await caller.door('request.leave', { commandId: randomUUID() })).status).toBe(401);

  const keysDir = stack.env['HEARTHLINE_KEYS_DIR'] ?? '';
  const before = { secret: readFileSync(secretFile, 'utf8'), keys: keyFiles(keysDir) };
  await Promise.all(['server1', 'worker1'].map((n) => stack.kill(n, 'SIGTERM')));
  expect(await contain('secrets')).toMatch(
    /A new secret is in force; \d+ one-time codes of staff go on, 1 return codes are void/,
  );
  const secret = readFileSync(secretFile, 'utf8');
  expect(secret).not.toBe(before.secret);
  expect(existsSync(`${secretFile}.next`)).toBe(false);
  expect(keyFiles(keysDir).filter((f) => before.keys.includes(f))).toEqual([]);
  expect(keyFiles(keysDir)).toHaveLength(1);

  for (const name of ['server1', 'worker1']) await stack.restart(name, { HEARTHLINE_SECRET: secret });
  expect((await peer.door('desk.view', {})).status).toBe(401); // a cookie signed with the old secret is none
  const again = visitor(stack);
  await again.signIn(account); // the password and the one-time code of before
  expect(await done(again, 'key.get', { conversationId })).toEqual(keys);
  expect(performance.now() - since).toBeLessThan(drillMs);

  const affected = await contain(
    'affected',
    '--email',
    account.email,
    '--since',
    new Date(Date.now() - drillMs).toISOString(),
  );
  expect(affected).toMatch(new RegExp(`^${conversationId}  \\S+  .+ to .+  2 times\\n1 conversations\\.`));
  expect(await contain('affected', '--email', 'idris@demo.example', '--since', '2020-01-01')).toBe(
    '0 conversations.\n',
  );
});

test('[S37] cut between the rows and the file, it finishes when it is done again', async () => {
  await Promise.all(['server1', 'worker1'].map((n) => stack.kill(n, 'SIGTERM')));
  const secret = readFileSync(secretFile, 'utf8');
  const env = { ...stack.env, HEARTHLINE_SECRET: secret };
  await program(cli, env, ['secrets']);
  const renewed = readFileSync(secretFile, 'utf8');
  writeFileSync(`${secretFile}.next`, renewed); // as if the rows were written and the file was not yet moved
  writeFileSync(secretFile, secret);
  await program(cli, env, ['secrets']);
  expect(readFileSync(secretFile, 'utf8')).toBe(renewed);
  await stack.restart('server1', { HEARTHLINE_SECRET: renewed });
  await visitor(stack).signInAs('idris');
});

test('[S37] where the environment holds the secret, the new one must come from there, and be one', async () => {
  await stack.kill('server1', 'SIGTERM');
  const env = { ...stack.env, HEARTHLINE_SECRET: 'b secret of the tests, long enough for all' };
  await expect(program(cli, env, ['secrets'])).rejects.toThrow(/HEARTHLINE_NEW_SECRET/);
  for (const weak of ['short', 'changeme changeme changeme changeme changeme'])
    await expect(program(cli, { ...env, HEARTHLINE_NEW_SECRET: weak }, ['secrets'])).rejects.toThrow(
      /HEARTHLINE_SECRET/,
    );
  await expect(contain('affected', '--email', 'a@b.org')).rejects.toThrow(/--since is missing/);
});
