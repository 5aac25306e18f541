import { checkLadder } from '@hearthline/server/lines/ladderCheck';
import type { LineConfig } from '@hearthline/shared/contracts/line';
import { removeMeans } from '@hearthline/server/commands/means/removeMeans';
import { saveRoster } from '@hearthline/server/commands/onCall/saveRoster';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { callerView } from '@hearthline/server/presenters/callerView';
import { lineConfig, must, testLine, type TestLine } from '../support/line.ts';
import { rotationOf, saveOf, staffed } from './people.ts';

const ladder = (...layers: string[]): NonNullable<LineConfig['escalation']> => ({
  steps: layers.map((layer) => ({ layer, seconds: 60, times: 1 })),
  joinSeconds: 180,
  askSeconds: 300,
  announceConsult: false,
  protocol: ['Stay with them.'],
});
let line: TestLine;
beforeEach(async () => {
  line = await testLine({ escalation: ladder('primary') });
});
afterEach(() => line.close());
const check = (config: LineConfig) => checkLadder(line.deps.pool, config, line.deps.clock.now());
const of = (...layers: string[]) => lineConfig({ slug: 'test', escalation: ladder(...layers) });

test('[RO10] an import warns before there is a roster, and refuses a ladder that would call nobody of one that is filled', async () => {
  expect(await check(lineConfig({ slug: 'test' }))).toEqual({ say: 'fine' });
  expect((await check(of('primary'))).say).toBe('warn');
  expect((await check({ ...of('primary'), slug: 'not-there-yet' })).say).toBe('warn');
  const [rosa, ana] = [await staffed(line, 'Rosa', 'coordinator'), await staffed(line, 'Ana')];
  const layers = [{ id: randomUUID(), name: 'primary', rotations: [rotationOf([ana.id])] }];
  must(await saveRoster(line.deps, rosa, await saveOf(line, layers)));
  expect(await check(of('primary'))).toEqual({ say: 'fine' });
  expect(await check(of('primary', 'backup'))).toMatchObject({
    say: 'warn',
    why: expect.stringContaining('backup') as string,
  });
  expect(await check(of('Primary'))).toMatchObject({
    say: 'refuse',
    why: expect.stringContaining('primary') as string,
  });
  await line.deps.sql.query('update means set verified_at = null', []);
  expect((await check(of('primary'))).say).toBe('refuse');
});

test('[RO10] a caller is offered a clinician while there is one to call', async () => {
  const { caller } = await line.talk();
  const offered = async () => {
    const view = await callerView(line.deps, caller); // what each of these acts tells is heard at once
    return view.stage === 'talking' && view.conversation.canAskClinician;
  };
  expect(await offered()).toBe(false);
  const [rosa, ana] = [await staffed(line, 'Rosa', 'coordinator'), await staffed(line, 'Ana')];
  const layers = [{ id: randomUUID(), name: 'primary', rotations: [rotationOf([ana.id])] }];
  must(await saveRoster(line.deps, rosa, await saveOf(line, layers)));
  expect(await offered()).toBe(true);
  const { rows } = await line.deps.sql.query<{ id: string }>('select id from means', []);
  must(await removeMeans(line.deps, ana, { commandId: randomUUID(), meansId: rows[0]?.id ?? '' }));
  expect(await offered()).toBe(false);
});
