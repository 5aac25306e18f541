import type { CallStage } from './media.ts';

/**
 * unasked: nobody has said so on this page; elsewhere: nor that, and another page of this browser has the call, so that only a
 * press brings it here; away: went on in text.
 */
export type Wish = 'unasked' | 'elsewhere' | 'yes' | 'away';
/**
 * out: no connection and none wanted; opening: a seat is being taken; waiting: until the next try; refused: it cannot be had and
 * only a press tries again.
 */
export type Link = 'out' | 'opening' | 'in' | 'reconnecting' | 'waiting' | 'refused';

export type CallState = {
  wish: Wish;
  link: Link;
  /** Generation of the room that there is; null: no call. */
  room: number | null;
  /** Of the room this page has or takes a seat in. */
  seat: number | null;
  /** This page was in the call and has not left it by choice since. */
  wasIn: boolean;
  /** It has taken too long for a person to wait without being offered something else. */
  late: boolean;
  /** In a row, without having been in. */
  tries: number;
};

export type CallEvent =
  /** A newer view. `byItself`: this page may join without a press. */
  | { is: 'room'; generation: number | null; byItself: boolean }
  | { is: 'wish'; wish: Wish }
  | { is: 'seated'; generation: number }
  | { is: 'engine'; state: 'in' | 'reconnecting' | 'gone' | 'taken' }
  /** `at once`: calls do not work right now, and that is said without waiting. */
  | { is: 'failed'; again: boolean; atOnce?: boolean }
  /** Time to try again, or a reason to believe that it may work now. */
  | { is: 'retry' }
  | { is: 'late' };

/** open: take a seat and join (anew); drop: end what there is of a connection; then timers. */
export type CallEffect = 'open' | 'drop' | 'watchLate' | 'endLate' | 'retryLater';
export type Step = { state: CallState; effects: CallEffect[] };

export const noCall: CallState = {
  wish: 'unasked',
  link: 'out',
  room: null,
  seat: null,
  wasIn: false,
  late: false,
  tries: 0,
};

/** One step: what the call is now, and what has to be done in this order. Everything else is left as it is. */
export function callStep(s: CallState, e: CallEvent): Step {
  switch (e.is) {
    case 'room':
      return room(s, e);
    case 'wish':
      return wish(s, e.wish);
    case 'seated':
      if (s.link !== 'opening') return same(s);
      if (e.generation < (s.room ?? 0)) return opens(s); // the room has moved on while the seat was given
      return same({ ...s, seat: e.generation, room: e.generation });
    case 'engine':
      return engine(s, e.state);
    case 'failed':
      return failed(s, e);
    case 'retry':
      return s.link === 'waiting' ? { state: { ...s, link: 'opening', seat: null }, effects: ['open'] } : same(s);
    case 'late':
      return same(isTrying(s) ? { ...s, late: true } : s);
  }
}

/** What the page shows. */
export function stageOf(s: CallState): CallStage {
  if (s.room === null) return 'none';
  if (s.wish === 'away') return 'away';
  if (s.link === 'refused') return 'refused';
  if (s.wish === 'unasked' || s.wish === 'elsewhere') return 'ready';
  if (s.link === 'in') return 'in';
  if (s.late) return 'dropped';
  return s.wasIn ? 'reconnecting' : 'joining';
}

const same = (state: CallState): Step => ({ state, effects: [] });
const isTrying = (s: CallState): boolean => s.link === 'opening' || s.link === 'reconnecting' || s.link === 'waiting';
const ended = (s: CallState): CallState => ({ ...s, link: 'out', seat: null, wasIn: false, late: false, tries: 0 });

function room(s: CallState, e: { generation: number | null; byItself: boolean }): Step {
  if (e.generation === null) {
    const state: CallState = { ...ended(s), room: null, wish: 'unasked' };
    // a press that came before its room (a yes to a proposal) waits for it
    return s.room === null ? same({ ...state, wish: s.wish }) : { state, effects: ['drop', 'endLate'] };
  }
  const next = { ...s, room: e.generation };
  if (next.wish === 'unasked' && e.byItself) return wish(next, 'yes');
  if (next.wish !== 'yes' || s.link === 'refused') return same(next);
  if (s.link === 'out') return opens(next);
  if (s.link === 'waiting')
    return e.generation === s.room ? same(next) : { state: { ...next, link: 'opening' }, effects: ['open'] };
  if (s.seat !== null && e.generation > s.seat) return opens({ ...next, tries: 0 });
  return same(next);
}

function wish(s: CallState, to: Wish): Step {
  if (to !== 'yes') return { state: { ...ended(s), wish: to }, effects: ['drop', 'endLate'] };
  const next: CallState = { ...s, wish: 'yes' };
  if (s.room === null || s.link === 'in' || s.link === 'opening' || s.link === 'reconnecting') return same(next);
  return opens({ ...next, tries: 0 });
}

function opens(s: CallState): Step {
  return { state: { ...s, link: 'opening', seat: null }, effects: ['drop', 'open', 'watchLate'] };
}

function engine(s: CallState, to: 'in' | 'reconnecting' | 'gone' | 'taken'): Step {
  if (s.link !== 'opening' && s.link !== 'in' && s.link !== 'reconnecting') return same(s);
  // stepping back is not turned round by the next view, or two pages would take it from each other for ever
  if (to === 'taken') return { state: { ...ended(s), wish: 'away' }, effects: ['drop', 'endLate'] };
  if (to === 'in') return { state: { ...s, link: 'in', wasIn: true, late: false, tries: 0 }, effects: ['endLate'] };
  if (to === 'reconnecting')
    return s.link === 'in' ? { state: { ...s, link: 'reconnecting' }, effects: ['watchLate'] } : same(s);
  // the first new seat at once; those after it with pauses
  return s.link === 'in' || s.link === 'reconnecting' ? opens(s) : failed(s, { again: true });
}

function failed(s: CallState, e: { again: boolean; atOnce?: boolean }): Step {
  if (!isTrying(s)) return same(s);
  if (!e.again) return { state: { ...s, link: 'refused', seat: null, late: false }, effects: ['drop', 'endLate'] };
  const state: CallState = { ...s, link: 'waiting', seat: null, tries: s.tries + 1, late: s.late || e.atOnce === true };
  return { state, effects: ['drop', 'retryLater'] };
}
