import { BoardView, CallerView, DeskView } from '@hearthline/shared/contracts/views';
import { boardView } from '@hearthline/server/presenters/boardView';
import { callerView } from '@hearthline/server/presenters/callerView';
import { deskView } from '@hearthline/server/presenters/deskView';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must, testLine, type TestLine } from '../support/line.ts';

let line: TestLine;
beforeEach(async () => {
  line = await testLine();
});
afterEach(() => line.close());

test('every view is what its contract says, and the board holds no name that a caller gave', async () => {
  const { caller, peer } = await line.talk();
  must(await openRequest(line.deps, await line.caller('Moss'), 'chat'));
  const here = line.deps.lines.byId(line.lineId);
  if (!here) throw new Error('no line');
  const board = BoardView.parse(await boardView(line.deps, here));
  expect(board.waiting).toHaveLength(1);
  expect(board.conversations).toMatchObject([{ peerName: 'Maya', state: 'live' }]);
  expect(board.measures).toMatchObject({ waiting: 1, conversations: 1, askedToday: 2, inTargetPercent: 100 });
  expect(JSON.stringify(board)).not.toMatch(/Sparrow|Moss/);
  expect(DeskView.parse(await deskView(line.deps, peer)).conversations).toMatchObject([
    { name: 'Sparrow', state: 'live' },
  ]);
  expect(CallerView.parse(await callerView(line.deps, caller))).toMatchObject({ stage: 'talking', name: 'Sparrow' });
});
