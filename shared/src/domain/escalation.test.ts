import fc from 'fast-check';
import type { EscalationKind } from '../contracts/escalation.contract.ts';
import { describe, expect, test } from 'vitest';
import {
  acknowledge,
  again,
  answerAsk,
  climb,
  close,
  isOver,
  join,
  onDue,
  onNoHope,
  onOwnerOut,
  onTalkEnded,
  raise,
  withdraw,
  type Escalation,
  type Ground,
} from './escalation.machine.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
const step = (layer: string, seconds: number, times = 1) => ({ layer, seconds, times });
const ladder = { steps: [step('primary', 60, 2), step('backup', 30)], joinSeconds: 180, askSeconds: 300 };
const ground = (now: number, callable: (string | null)[] = ['ana', 'tom']): Ground => ({
  ladder,
  callable: (n) => callable[n - 1] ?? null,
  now: at(now),
});
const states = {
  asking: { state: 'asking', dueAt: at(300) },
  paging: { state: 'paging', rung: { step: 1, attempt: 1 }, pagedId: 'ana', dueAt: at(60) },
  acknowledged: { state: 'acknowledged', rung: { step: 1, attempt: 1 }, ownerId: 'ana', dueAt: at(180) },
  joined: { state: 'joined', rung: { step: 1, attempt: 1 }, ownerId: 'ana' },
  left: { state: 'left', rung: { step: 1, attempt: 1 }, ownerId: 'ana' },
  exhausted: { state: 'exhausted' },
  refused: { state: 'refused' },
  unanswered: { state: 'unanswered' },
  withdrawn: { state: 'withdrawn' },
  closed: { state: 'closed' },
} as const satisfies Record<string, Escalation>;
const names = Object.keys(states) as (keyof typeof states)[];
const outcome = (r: { ok: true; value: Escalation } | { ok: false; code: string }) => (r.ok ? r.value.state : r.code);

describe('escalation', () => {
  test('[ES1] a clinician who is to join waits for the yes; advice, a life at risk and a caller who asks do not', () => {
    expect(raise('handOff', 'peer', ground(0))).toEqual(states.asking);
    for (const [kind, by] of [
      ['consult', 'peer'],
      ['safety', 'peer'],
      ['handOff', 'caller'],
    ] as const)
      expect(raise(kind, by, ground(0))).toEqual(states.paging);
  });

  test('[ES2] the ladder: each call of a step, then the next step, then loud', () => {
    const calls: unknown[] = [];
    let e: Escalation = climb(null, ground(0));
    for (let now = 0; e.state === 'paging';) {
      calls.push([e.pagedId, e.rung.step, e.rung.attempt, (e.dueAt.getTime() - at(now).getTime()) / 1000]);
      now = (e.dueAt.getTime() - at(0).getTime()) / 1000;
      e = onDue(e, ground(now)) ?? e;
    }
    expect(calls).toEqual([
      ['ana', 1, 1, 60],
      ['ana', 1, 2, 60],
      ['tom', 2, 1, 30],
    ]);
    expect(e).toEqual(states.exhausted);
  });

  test.each([
    ['nobody on the first step', [null, 'tom'], { pagedId: 'tom', rung: { step: 2, attempt: 1 } }],
    ['nobody at all', [null, null], { state: 'exhausted' }],
  ])('[ES2] %s', (_what, callable, expected) => {
    expect(climb(null, ground(0, callable as (string | null)[]))).toMatchObject(expected);
  });

  test('[ES4] nothing happens before its time, to the millisecond (I26)', () => {
    for (const [name, seconds, to] of [
      ['asking', 300, 'unanswered'],
      ['paging', 60, 'paging'],
      ['acknowledged', 180, 'paging'],
    ] as const) {
      expect(onDue(states[name], ground(seconds - 0.001))).toBeNull();
      expect(onDue(states[name], ground(seconds))?.state).toBe(to);
    }
    for (const name of names.filter((n) => !('dueAt' in states[n])))
      expect(onDue(states[name], ground(1e6))).toBeNull();
  });

  test('[ES4][F21] whoever said so and did not join: the ladder goes on after them', () => {
    expect(onDue(states.acknowledged, ground(180))).toMatchObject({ pagedId: 'ana', rung: { step: 1, attempt: 2 } });
    expect(onDue(states.acknowledged, ground(180, [null, 'tom']))).toMatchObject({ pagedId: 'tom' });
  });

  test('[ES5] what cannot reach anybody climbs at once; word of an earlier rung changes nothing', () => {
    const later = { ...states.paging, rung: { step: 1, attempt: 2 } };
    expect(onNoHope(states.paging, 'ana', { step: 1, attempt: 1 }, ground(1, [null, 'tom']))).toMatchObject({
      pagedId: 'tom',
    });
    expect(onNoHope(later, 'ana', { step: 1, attempt: 1 }, ground(1))).toBeNull();
    expect(onNoHope(states.paging, 'tom', { step: 1, attempt: 1 }, ground(1))).toBeNull();
    expect(onNoHope(states.acknowledged, 'ana', { step: 1, attempt: 1 }, ground(1))).toMatchObject({ state: 'paging' });
    for (const name of ['asking', 'joined', 'exhausted', 'closed'] as const)
      expect(onNoHope(states[name], 'ana', { step: 1, attempt: 1 }, ground(1))).toBeNull();
  });

  const over = {
    ack: 'escalation.over',
    other: 'escalation.over',
    join: 'escalation.over',
    withdraw: 'escalation.over',
    again: 'escalation.notExhausted',
    close: 'escalation.over',
    yes: 'escalation.gone',
    no: 'escalation.gone',
    ended: '-',
  };
  const table: Record<keyof typeof states, Record<string, string>> = {
    asking: {
      ack: 'escalation.gone',
      other: 'escalation.gone',
      join: 'escalation.over',
      withdraw: 'withdrawn',
      again: 'escalation.notExhausted',
      close: 'escalation.notYours',
      yes: 'paging',
      no: 'refused',
      ended: 'withdrawn',
    },
    paging: {
      ack: 'acknowledged',
      other: 'acknowledged',
      join: 'escalation.notYours',
      withdraw: 'withdrawn',
      again: 'escalation.notExhausted',
      close: 'escalation.notYours',
      yes: 'escalation.gone',
      no: 'escalation.gone',
      ended: 'withdrawn',
    },
    acknowledged: {
      ack: 'acknowledged',
      other: 'escalation.taken',
      join: 'joined',
      withdraw: 'withdrawn',
      again: 'escalation.notExhausted',
      close: 'escalation.notYours',
      yes: 'escalation.gone',
      no: 'escalation.gone',
      ended: 'withdrawn',
    },
    joined: {
      ack: 'joined',
      other: 'escalation.taken',
      join: 'joined',
      withdraw: 'escalation.joined',
      again: 'escalation.notExhausted',
      close: 'closed',
      yes: 'escalation.gone',
      no: 'escalation.gone',
      ended: '-',
    },
    left: {
      ack: 'left',
      other: 'escalation.taken',
      join: 'joined',
      withdraw: 'escalation.joined',
      again: 'escalation.notExhausted',
      close: 'closed',
      yes: 'escalation.gone',
      no: 'escalation.gone',
      ended: '-',
    },
    exhausted: {
      ack: 'acknowledged',
      other: 'acknowledged',
      join: 'escalation.notYours',
      withdraw: 'withdrawn',
      again: 'paging',
      close: 'escalation.notYours',
      yes: 'escalation.gone',
      no: 'escalation.gone',
      ended: 'withdrawn',
    },
    refused: over,
    unanswered: over,
    withdrawn: over,
    closed: over,
  };
  test.each(names)('[ES3][ES6]–[ES11][I22] every act on one that is %s', (name) => {
    const e = states[name];
    expect({
      ack: outcome(acknowledge(e, 'ana', true, ground(1))),
      other: outcome(acknowledge(e, 'tom', true, ground(1))),
      join: outcome(join(e, 'ana')),
      withdraw: outcome(withdraw(e)),
      again: outcome(again(e, ground(1))),
      close: outcome(close(e, 'ana')),
      yes: outcome(answerAsk(e, true, ground(1))),
      no: outcome(answerAsk(e, false, ground(1))),
      ended: onTalkEnded(e, 'safety', false)?.state ?? '-',
    }).toEqual(table[name]);
    expect(outcome(acknowledge(e, 'eve', false, ground(1)))).toBe('escalation.gone');
    if (name === 'acknowledged') expect(outcome(join(e, 'tom'))).toBe('escalation.taken');
  });

  test('[ES15] who joined and is out of a talk that goes on stands in nobody’s way', () => {
    expect(onOwnerOut(states.joined, 'ana')).toEqual(states.left);
    expect(onOwnerOut(states.joined, 'tom')).toBeNull();
    for (const name of names.filter((n) => n !== 'joined')) expect(onOwnerOut(states[name], 'ana')).toBeNull();
  });

  test('[ES16] back in the line: who is called for the caller is called on; advice for the peer and a question end', () => {
    const after = (kind: EscalationKind) => names.filter((n) => onTalkEnded(states[n], kind, true));
    expect(after('consult')).toEqual(['asking', 'paging', 'acknowledged', 'exhausted']);
    expect(after('handOff')).toEqual(['asking']);
    expect(after('safety')).toEqual(['asking']);
  });

  test('[I8][I22] whatever happens in whatever order: it has a time, a person, or is loud or over; over stays over', () => {
    const people = ['ana', 'tom', 'kim'];
    const person = fc.constantFrom(...people);
    const happening = fc.oneof(
      fc.record({ is: fc.constant('ack' as const), who: person }),
      fc.record({ is: fc.constant('join' as const), who: person }),
      fc.record({ is: fc.constant('close' as const), who: person }),
      fc.record({ is: fc.constant('noHope' as const), who: person }),
      fc.record({ is: fc.constant('answer' as const), yes: fc.boolean() }),
      fc.constantFrom(
        { is: 'withdraw' as const },
        { is: 'again' as const },
        { is: 'ended' as const },
        { is: 'due' as const },
      ),
    );
    const ladders = fc.array(
      fc.record({ seconds: fc.integer({ min: 10, max: 900 }), times: fc.integer({ min: 1, max: 3 }) }),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(
        ladders,
        fc.array(fc.tuple(happening, fc.integer({ min: 0, max: 400 }), fc.array(fc.option(person), { maxLength: 4 })), {
          maxLength: 40,
        }),
        fc.constantFrom('consult' as const, 'handOff' as const, 'safety' as const),
        (steps, events, kind) => {
          let now = 0;
          const on = (callable: (string | null)[]): Ground => ({
            ladder: { steps: steps.map((s) => ({ ...s, layer: 'x' })), joinSeconds: 180, askSeconds: 300 },
            callable: (n) => callable[n - 1] ?? null,
            now: at(now),
          });
          let e = raise(kind, 'peer', on(people));
          let owner: string | null = null;
          for (const [what, seconds, callable] of events) {
            now += seconds;
            const before = e;
            const g = on(callable);
            const move = (r: { ok: true; value: Escalation } | { ok: false }) => (r.ok ? r.value : e);
            if (what.is === 'ack') e = move(acknowledge(e, what.who, true, g));
            else if (what.is === 'join') e = move(join(e, what.who));
            else if (what.is === 'close') e = move(close(e, what.who));
            else if (what.is === 'noHope') e = onNoHope(e, what.who, { step: 1, attempt: 1 }, g) ?? e;
            else if (what.is === 'answer') e = move(answerAsk(e, what.yes, g));
            else if (what.is === 'withdraw') e = move(withdraw(e));
            else if (what.is === 'again') e = move(again(e, g));
            else if (what.is === 'ended') e = onTalkEnded(e, kind, false) ?? e;
            else e = onDue(e, g) ?? e;
            if (isOver(before)) expect(e).toBe(before);
            if ('dueAt' in e && e !== before) expect(e.dueAt.getTime()).toBeGreaterThan(g.now.getTime());
            if (e.state === 'paging') expect(e.rung.step).toBeLessThanOrEqual(steps.length);
            if (before.state === 'joined') expect(['joined', 'closed']).toContain(e.state);
            owner = 'ownerId' in e ? e.ownerId : null;
            if (owner && 'ownerId' in before && before.state === e.state) expect(owner).toBe(before.ownerId);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
