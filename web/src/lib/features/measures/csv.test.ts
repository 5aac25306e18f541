import type { MeasuresView } from '@hearthline/shared/contracts/measures';
import { expect, test } from 'vitest';
import { csvOf } from './csv.ts';
import { tablesOf } from './measureTables.ts';

const none = { cases: 0, half: null, nineOfTen: null };
const nothing = {
  joined: 0,
  refused: 0,
  unanswered: 0,
  takenBackByPeer: 0,
  takenBackByCaller: 0,
  endedWithTalk: 0,
  open: 0,
};
const view: MeasuresView = {
  now: '2026-11-25T12:00:00.000Z',
  lineId: '00000000-0000-4000-8000-000000000000',
  lineName: 'Riverbend',
  timeZone: 'America/Chicago',
  today: '2026-11-25',
  earliest: '2025-10-22',
  from: '2026-11-01',
  to: '2026-11-25',
  cases: 7,
  ends: [
    { kind: 'consult', raisedBy: 'peer', of: { ...nothing, joined: 5, open: 1 } },
    { kind: 'handOff', raisedBy: 'caller', of: { ...nothing, takenBackByCaller: 1 } },
  ],
  firstPage: { cases: 6, half: 1, nineOfTen: 2 },
  answer: { cases: 5, half: 31, nineOfTen: 100 },
  join: { cases: 4, half: null, nineOfTen: null },
  steps: [
    { step: 1, layer: '=cmd|"/c calc"!A1', called: 6, answer: { cases: 5, half: 31, nineOfTen: 100 }, join: none },
    { step: 2, layer: null, called: 0, answer: none, join: none },
  ],
  counts: {
    begun: 7,
    answered: 5,
    answeredLate: 1,
    exhausted: 2,
    exhaustedJoined: 1,
    handOffs: 1,
    returned: 1,
  },
  pages: [],
};

test('a table for each kind of number; one without a row is left out, and sums are those of the rows', () => {
  const tables = tablesOf(view);
  expect(tables.map((t) => t.id)).toEqual(['times', 'steps', 'ends', 'counts']);
  for (const { columns, rows } of tables) {
    expect(new Set(columns).size).toBe(columns.length);
    expect(new Set(rows.map((r) => r.head)).size).toBe(rows.length);
    for (const { cells } of rows) expect(cells).toHaveLength(columns.length);
  }
  expect(tables[2]?.rows.at(-1)?.cells).toEqual([{ n: 6 }, { n: 1 }, { n: 7 }]);
  expect(tables[2]?.rows[0]?.cells).toEqual([{ n: 5 }, { n: 0 }, { n: 5 }]);
});

test('one line a number, times in seconds, nothing where there were too few, and no formula', () => {
  const csv = csvOf(view, tablesOf(view));
  const lines = csv.split('\r\n');
  expect(lines.at(-1)).toBe('');
  expect(lines[0]).toBe('First day,Last day,Time zone,Table,Row,Column,Unit,Value');
  expect(lines).toContain(
    '2026-11-01,2026-11-25,America/Chicago,How long it took,First “I’m on it”,Half within,seconds,31',
  );
  expect(lines).toContain(
    '2026-11-01,2026-11-25,America/Chicago,How long it took,First one in the talk,Half within,seconds,',
  );
  expect(lines).toContain('2026-11-01,2026-11-25,America/Chicago,How long it took,First one in the talk,Cases,count,4');
  expect(csv).toContain(',"1. =cmd|""/c calc""!A1",Called,count,6');
  expect(lines.length - 2).toBe(3 * 3 + 2 * 7 + 8 * 3 + 4 * 2);
});

test.each(['=1+1', '+1', '-1', '@x', '\tx'])('%j is text to a spreadsheet', (head) => {
  const table = { id: 'x', title: 'T', hint: '', corner: '', columns: ['C'], rows: [{ head, cells: [{ n: 1 }] }] };
  expect(csvOf(view, [table])).toContain(`,T,'${head},C,count,1`);
});
