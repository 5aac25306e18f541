import { expect, test } from 'vitest';
import { callStep, noCall, stageOf, type CallEffect, type CallEvent, type CallState } from './callMachine.ts';
import type { CallStage } from './media.ts';

const room = (generation: number | null, byItself = false): CallEvent => ({ is: 'room', generation, byItself });
const wish = (to: 'yes' | 'away' | 'elsewhere' | 'unasked'): CallEvent => ({ is: 'wish', wish: to });
const seated = (generation = 1): CallEvent => ({ is: 'seated', generation });
const engine = (state: 'in' | 'reconnecting' | 'gone' | 'taken'): CallEvent => ({ is: 'engine', state });
const failed = (again: boolean, atOnce = false): CallEvent => ({ is: 'failed', again, atOnce });
const [retry, late]: CallEvent[] = [{ is: 'retry' }, { is: 'late' }];

/** After all of these: the state, the stage, and what the last one had done. */
function after(...events: (CallEvent | undefined)[]): { state: CallState; stage: CallStage; effects: CallEffect[] } {
  let [state, effects]: [CallState, CallEffect[]] = [noCall, []];
  for (const event of events) if (event) ({ state, effects } = callStep(state, event));
  return { state, stage: stageOf(state), effects };
}
const joined = [room(1), wish('yes'), seated(), engine('in')];
const dropped = [...joined, engine('reconnecting')];

type Row = [string, (CallEvent | undefined)[], CallStage, CallEffect[]];
test.each<Row>([
  ['text is no call', [room(null)], 'none', []],
  ['a call waits for a press', [room(1)], 'ready', []],
  ['a page that may, joins by itself', [room(1, true)], 'joining', ['drop', 'open', 'watchLate']],
  ['a press joins', [room(1), wish('yes')], 'joining', ['drop', 'open', 'watchLate']],
  ['a press twice joins once', [room(1), wish('yes'), wish('yes')], 'joining', []],
  ['a press before the room waits for it', [room(null), wish('yes'), room(null)], 'none', []],
  ['and joins then', [room(null), wish('yes'), room(null), room(1)], 'joining', ['drop', 'open', 'watchLate']],
  ['in', joined, 'in', ['endLate']],
  ['the same room again changes nothing', [...joined, room(1)], 'in', []],
  ['an older room changes nothing', [...joined, room(2), seated(2), engine('in'), room(1)], 'in', []],
  ['the next room is moved to', [...joined, room(2)], 'reconnecting', ['drop', 'open', 'watchLate']],
  ['a seat of a newer room than the view', [room(1), wish('yes'), seated(2), engine('in'), room(2)], 'in', []],
  [
    'a seat of an older room than the view',
    [room(1), wish('yes'), room(3), seated(2)],
    'joining',
    ['drop', 'open', 'watchLate'],
  ],
  ['back to text ends it', [...joined, room(null)], 'none', ['drop', 'endLate']],
  ['and the next call waits for a press again', [...joined, room(null), room(2)], 'ready', []],

  ['a drop', dropped, 'reconnecting', ['watchLate']],
  ['that lasts', [...dropped, late], 'dropped', []],
  ['and is over', [...dropped, late, engine('in')], 'in', ['endLate']],
  ['late of something that is over', [...joined, late], 'in', []],
  ['gone takes a new seat at once', [...joined, engine('gone')], 'reconnecting', ['drop', 'open', 'watchLate']],
  ['gone in a drop too', [...dropped, late, engine('gone')], 'dropped', ['drop', 'open', 'watchLate']],
  ['gone while joining pauses', [...joined, engine('gone'), engine('gone')], 'reconnecting', ['drop', 'retryLater']],
  [
    'a seat that cannot be had pauses',
    [...joined, engine('gone'), failed(true)],
    'reconnecting',
    ['drop', 'retryLater'],
  ],
  ['and is tried again', [room(1), wish('yes'), failed(true), retry], 'joining', ['open']],
  [
    'calls that do not work are said at once',
    [room(1), wish('yes'), failed(true, true)],
    'dropped',
    ['drop', 'retryLater'],
  ],
  ['and it is still being tried', [room(1), wish('yes'), failed(true, true), retry], 'dropped', ['open']],
  ['a view brings nothing new to a pause', [room(1), wish('yes'), failed(true), room(1)], 'joining', []],
  ['a new room ends a pause', [room(1), wish('yes'), failed(true), room(2)], 'joining', ['open']],
  ['joining that lasts offers text', [room(1), wish('yes'), late], 'dropped', []],
  ['a retry out of a pause changes nothing', [...joined, retry], 'in', []],

  ['refused', [room(1), wish('yes'), failed(false)], 'refused', ['drop', 'endLate']],
  ['stays so with new views', [room(1), wish('yes'), failed(false), room(2)], 'refused', []],
  ['a press tries again', [room(1), wish('yes'), failed(false), wish('yes')], 'joining', ['drop', 'open', 'watchLate']],

  ['goes on in text', [...joined, wish('away')], 'away', ['drop', 'endLate']],
  ['and is not brought back by a view', [...joined, wish('away'), room(2, true)], 'away', []],
  ['nor by what an old engine says', [...joined, wish('away'), engine('in')], 'away', []],
  ['a press comes back', [...joined, wish('away'), wish('yes')], 'joining', ['drop', 'open', 'watchLate']],
  ['text out of a drop', [...dropped, late, wish('away')], 'away', ['drop', 'endLate']],
  ['text out of a pause', [room(1), wish('yes'), failed(true), wish('away'), retry], 'away', []],
  ['another page has it', [room(1, true), wish('elsewhere')], 'ready', ['drop', 'endLate']],
  [
    'and whatever becomes of it, it is not joined by itself',
    [room(1, true), wish('elsewhere'), room(2, true)],
    'ready',
    [],
  ],
  ['a press does', [room(1, true), wish('elsewhere'), wish('yes')], 'joining', ['drop', 'open', 'watchLate']],
  [
    'the next call is another one',
    [room(1, true), wish('elsewhere'), room(null), room(2, true)],
    'joining',
    ['drop', 'open', 'watchLate'],
  ],
  ['taken by another page steps back', [...joined, engine('taken')], 'away', ['drop', 'endLate']],
  ['and does not take it back by itself', [...joined, engine('taken'), room(2, true)], 'away', []],
])('%s', (_name, events, stage, effects) => {
  const end = after(...events);
  expect([end.stage, end.effects]).toEqual([stage, effects]);
});

test('tries are counted in a row and forgotten with being in', () => {
  const pause = [engine('gone'), failed(true), retry, failed(true), retry, failed(true)];
  expect(after(...joined, ...pause).state.tries).toBe(3);
  expect(after(...joined, ...pause, retry, seated(), engine('in')).state.tries).toBe(0);
});
