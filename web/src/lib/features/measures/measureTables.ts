import { caseEnds, type CaseEnd, type MeasuresView, type Took } from '@hearthline/shared/contracts/measures';
import { meansWord } from '#lib/features/escalation/bringWords.ts';
import { m } from '#lib/paraglide/messages.js';

/** A count, or seconds; null: too few cases to say. */
export type Cell = { n: number } | { seconds: number | null };
export type Row = { head: string; note?: string; cells: Cell[] };
export type Table = { id: string; title: string; hint: string; corner: string; columns: string[]; rows: Row[] };

const n = (count: number): Cell => ({ n: count });
const took = ({ cases, half, nineOfTen }: Took): Cell[] => [n(cases), { seconds: half }, { seconds: nineOfTen }];

const endWord: Record<CaseEnd, () => string> = {
  joined: m.staff_measures_end_joined,
  refused: m.staff_measures_end_refused,
  unanswered: m.staff_measures_end_unanswered,
  takenBackByPeer: m.staff_measures_end_by_peer,
  takenBackByCaller: m.staff_measures_end_by_caller,
  endedWithTalk: m.staff_measures_end_talk,
  open: m.staff_measures_end_open,
};
const pairWord: Record<`${MeasuresView['ends'][number]['kind']} ${'caller' | 'peer'}`, () => string> = {
  'consult peer': m.staff_measures_consult,
  'consult caller': m.staff_measures_consult,
  'handOff peer': m.staff_measures_hand_off_peer,
  'handOff caller': m.staff_measures_hand_off_caller,
  'safety peer': m.staff_measures_safety,
  'safety caller': m.staff_measures_safety,
};

function times({ firstPage, answer, join }: MeasuresView): Table {
  return {
    id: 'times',
    title: m.staff_measures_times(),
    hint: m.staff_measures_times_hint(),
    corner: m.staff_measures_until(),
    columns: [m.staff_measures_cases(), m.staff_measures_half(), m.staff_measures_nine()],
    rows: [
      { head: m.staff_measures_first(), note: m.staff_measures_first_note(), cells: took(firstPage) },
      { head: m.staff_measures_answer(), note: m.staff_measures_answer_note(), cells: took(answer) },
      { head: m.staff_measures_join(), note: m.staff_measures_join_note(), cells: took(join) },
    ],
  };
}

function steps({ steps: all }: MeasuresView): Table {
  return {
    id: 'steps',
    title: m.staff_measures_steps(),
    hint: m.staff_measures_steps_hint(),
    corner: m.staff_measures_step(),
    columns: [
      m.staff_measures_step_called(),
      m.staff_measures_step_answered(),
      m.staff_measures_step_answer_half(),
      m.staff_measures_step_answer_nine(),
      m.staff_measures_step_joined(),
      m.staff_measures_step_join_half(),
      m.staff_measures_step_join_nine(),
    ],
    rows: all.map(({ step, layer, called, answer, join }) => ({
      head: layer ? m.staff_measures_step_of({ n: step, layer }) : m.staff_measures_step_gone({ n: step }),
      cells: [n(called), ...took(answer), ...took(join)],
    })),
  };
}

function ends({ ends: pairs, cases }: MeasuresView): Table {
  const sum = (how: CaseEnd) => pairs.reduce((all, pair) => all + pair.of[how], 0);
  const whole = (of: Record<CaseEnd, number>) => caseEnds.reduce((all, how) => all + of[how], 0);
  return {
    id: 'ends',
    title: m.staff_measures_ends(),
    hint: m.staff_measures_ends_hint(),
    corner: m.staff_measures_end(),
    columns: [...pairs.map(({ kind, raisedBy }) => pairWord[`${kind} ${raisedBy}`]()), m.staff_measures_all()],
    rows: [
      ...caseEnds.map((how) => ({
        head: endWord[how](),
        cells: [...pairs.map(({ of }) => n(of[how])), n(sum(how))],
      })),
      { head: m.staff_measures_all(), cells: [...pairs.map(({ of }) => n(whole(of))), n(cases)] },
    ],
  };
}

function counts({ counts: c }: MeasuresView): Table {
  const row = (head: string, note: string, part: number, of: number): Row => ({ head, note, cells: [n(part), n(of)] });
  return {
    id: 'counts',
    title: m.staff_measures_counts(),
    hint: m.staff_measures_counts_hint(),
    corner: m.staff_measures_what(),
    columns: [m.staff_measures_cases(), m.staff_measures_of()],
    rows: [
      row(m.staff_measures_spent(), m.staff_measures_spent_note(), c.exhausted, c.begun),
      row(m.staff_measures_spent_came(), m.staff_measures_spent_came_note(), c.exhaustedJoined, c.exhausted),
      row(m.staff_measures_late(), m.staff_measures_late_note(), c.answeredLate, c.answered),
      row(m.staff_measures_returned(), m.staff_measures_returned_note(), c.returned, c.handOffs),
    ],
  };
}

function pages({ pages: all }: MeasuresView): Table {
  return {
    id: 'pages',
    title: m.staff_measures_pages(),
    hint: m.staff_measures_pages_hint(),
    corner: m.staff_measures_way(),
    columns: [
      m.staff_measures_made(),
      m.staff_measures_taken(),
      m.staff_measures_failed(),
      m.staff_measures_unknown(),
      m.staff_measures_not_needed(),
    ],
    rows: all.map(({ means, made, sent, failed, unknown, notNeeded }) => ({
      head: meansWord[means](),
      cells: [made, sent, failed, unknown, notNeeded].map(n),
    })),
  };
}

/** All numbers of a view as the page and its file show them. */
export const tablesOf = (view: MeasuresView): Table[] =>
  [times, steps, ends, counts, pages].map((table) => table(view)).filter(({ rows }) => rows.length > 0);
