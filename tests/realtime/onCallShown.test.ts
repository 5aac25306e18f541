import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { RosterView } from '@hearthline/shared/contracts/onCall';
import type { BoardView, CallerView, DeskView } from '@hearthline/shared/contracts/views';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT, program, raisedLimits, startStack, type Stack } from '../support/services.ts';
import { connect } from '../support/sockets.ts';
import { done, talking } from '../support/talking.ts';
import { visitor, type Visitor } from '../support/visitor.ts';

/** [RO11] within a second, and what a busy machine adds. */
const soonMs = 1500;
type Views = { 'desk.view': DeskView; 'caller.view': CallerView; 'board.view': BoardView };
/** What this page shows of who is on call, since when; how often it was told anything. */
type Page = { name: string; says: string; at: number; told: number; heard: () => void; close: () => void };

let stack: Stack;
let pool: pg.Pool;
let pages: Page[];
let rosa: Visitor, ana: Visitor;
beforeAll(async () => {
  stack = await startStack({ servers: 2, seed: true, env: raisedLimits });
  pool = new pg.Pool({ connectionString: stack.databaseUrl, max: 1 });
  const [maya, idris, caller] = [visitor(stack), visitor(stack), visitor(stack)];
  [rosa, ana] = [visitor(stack), visitor(stack)];
  for (const [who, name] of [
    [rosa, 'rosa'],
    [ana, 'ana'],
    [maya, 'maya'],
    [idris, 'idris'],
  ] as const)
    await who.signInAs(name);
  await talking(maya, caller);
  await done(idris, 'shift.start', { commandId: randomUUID() });
  const desk = (v: DeskView) => v.line?.onCall?.people.map((p) => p.name).join(', ') ?? '?';
  const board = (v: BoardView) => v.onCall?.layers.map((l) => (l.now?.reachable ? l.now.name : '-')).join(', ') ?? '?';
  const asked = (v: CallerView) =>
    v.stage === 'talking' && v.conversation.canAskClinician ? 'offered' : 'not offered';
  pages = await Promise.all([
    page('desk of this node', idris, 'desk.view', 0, desk),
    page('desk of the other', maya, 'desk.view', 1, desk),
    page('board of this node', rosa, 'board.view', 0, board),
    page('board of the other', rosa, 'board.view', 1, board),
    page('caller of the other', caller, 'caller.view', 1, asked),
  ]);
});
afterAll(async () => {
  for (const { close } of pages ?? []) close();
  await pool?.end();
  await stack?.stop();
});

async function page<V extends keyof Views>(
  name: string,
  who: Visitor,
  view: V,
  node: 0 | 1,
  says: (view: Views[V]) => string,
): Promise<Page> {
  const one: Page = { name, says: '', at: 0, told: 0, heard: () => {}, close: () => {} };
  const first = Promise.withResolvers<void>();
  const connected = await connect(who, view === 'caller.view' ? 'caller' : 'staff', {
    url: stack.urls[node] ?? '',
    tab: randomUUID(),
    listen: (socket) =>
      void socket.onAny((event: string, told: Views[V]) => {
        if (event !== view) return;
        Object.assign(one, { says: says(told), at: performance.now(), told: one.told + 1 });
        first.resolve();
        one.heard();
      }),
  });
  if (!connected) throw new Error('the handshake was refused');
  await first.promise;
  return Object.assign(one, { close: () => void connected.socket.disconnect() });
}

const onAll = (people: string): string[] => {
  const [primary = '-', backup = '-'] = people.split(', ');
  const on = [primary, backup].filter((name) => name !== '-');
  const board = `${primary}, ${backup}`;
  return [on.join(', '), on.join(', '), board, board, on.length > 0 ? 'offered' : 'not offered'];
};
/** @returns ms from `since` until every page showed it. */
async function allShow(people: string, since: number): Promise<number> {
  const wanted = onAll(people);
  const waits = pages.map(
    (one, i) =>
      new Promise<number>((resolve, reject) => {
        const late = setTimeout(
          () => reject(new Error(`the ${one.name} says "${one.says}" and not "${wanted[i]}"`)),
          10_000,
        );
        one.heard = () => {
          if (one.says !== wanted[i]) return;
          clearTimeout(late);
          resolve(one.at - since);
        };
        one.heard();
      }),
  );
  return Math.max(...(await Promise.all(waits)));
}

const layerId = (roster: RosterView, name: string) => roster.layers.find((l) => l.name === name)?.id ?? '';
async function except(layer: string, fromMs: number, untilMs: number, staffId: string | null): Promise<RosterView> {
  const now = Date.now();
  return done(rosa, 'roster.override', {
    commandId: randomUUID(),
    layerId: layerId(await done(rosa, 'roster.view', {}), layer),
    from: new Date(now + fromMs).toISOString(),
    until: new Date(now + untilMs).toISOString(),
    staffId,
  });
}
async function takeOut(roster: RosterView): Promise<void> {
  for (const { id } of roster.layers.flatMap((l) => l.overrides))
    await done(rosa, 'roster.removeOverride', { commandId: randomUUID(), overrideId: id });
}
const hour = 3_600_000;

test('[RO11] an exception shows on every page of every node within a second, and so does its end', async () => {
  await allShow('Ana, Tom', performance.now());
  let since = performance.now();
  const roster = await except('primary', -1000, hour, null);
  expect(await allShow('-, Tom', since)).toBeLessThan(soonMs);
  since = performance.now();
  await takeOut(roster);
  expect(await allShow('Ana, Tom', since)).toBeLessThan(soonMs);
});

test('[RO11] the last one who could be called takes their means out: callers are not offered a clinician any more', async () => {
  let since = performance.now();
  const roster = await except('backup', -1000, hour, null);
  expect(await allShow('Ana, -', since)).toBeLessThan(soonMs);
  const { means } = await done(ana, 'means.list', {});
  since = performance.now();
  await done(ana, 'means.remove', { commandId: randomUUID(), meansId: means[0]?.id ?? '' });
  expect(await allShow('-, -', since)).toBeLessThan(soonMs);
  await done(ana, 'means.add', { commandId: randomUUID(), label: 'Open pages', way: { kind: 'alarm' } });
  const [again] = (await done(ana, 'means.list', {})).means;
  await done(ana, 'means.test', { commandId: randomUUID(), meansId: again?.id ?? '' });
  since = performance.now();
  await done(ana, 'means.heard', { commandId: randomUUID(), meansId: again?.id ?? '' });
  expect(await allShow('Ana, -', since)).toBeLessThan(soonMs);
  await takeOut(roster);
  await allShow('Ana, Tom', performance.now());
});

test('[RO11][O5] somebody who is suspended at a terminal is not shown as on call, and is again when they are back', async () => {
  const staff = (verb: string) =>
    program(join(ROOT, 'server/src/cli/staff.ts'), stack.env, [verb, '--email', 'tom@demo.example']);
  await staff('suspend');
  expect(await allShow('Ana, -', performance.now())).toBeLessThan(soonMs + 1000); // the relay looks each second
  await staff('reinstate');
  expect(await allShow('Ana, Tom', performance.now())).toBeLessThan(soonMs + 1000);
});

test('[RO11] a hand-over by the clock shows within two seconds, and a row that nothing tells of within six', async () => {
  const begins = performance.now() + 1500;
  await except('primary', 1500, 4000, null);
  expect(await allShow('-, Tom', begins)).toBeLessThan(2000);
  expect(await allShow('Ana, Tom', begins + 2500)).toBeLessThan(2000);
  const since = performance.now();
  await pool.query(`update staff set suspended_at = now() where email = 'ana@demo.example'`);
  expect(await allShow('-, Tom', since)).toBeLessThan(6000 + 500);
  await pool.query(`update staff set suspended_at = null where email = 'ana@demo.example'`);
  await allShow('Ana, Tom', performance.now());
});

test('[RO11] what changes nobody’s being on call tells no desk and no caller', async () => {
  const [, desk, , , caller] = pages;
  const before = [desk?.told, caller?.told];
  await except('primary', hour, 2 * hour, (await done(ana, 'clinician.view', {})).me.id); // who is on anyway
  await except('backup', -1000, hour, null);
  await allShow('Ana, -', performance.now());
  // once, for the one that did: the one that did not came first
  expect([desk?.told, caller?.told]).toEqual(before.map((n) => (n ?? 0) + 1));
});
