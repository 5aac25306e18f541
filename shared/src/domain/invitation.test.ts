import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  accept,
  answerAsk,
  decline,
  invite,
  isOver,
  onDue,
  withdraw,
  type Ground,
  type Invitation,
} from './invitation.machine.ts';

const start = Date.parse('2026-11-25T20:00:00Z');
const at = (seconds: number): Date => new Date(start + seconds * 1000);
const ground = (next: string | null, now = at(0)): Ground => ({ now, askSeconds: 300, ringSeconds: 30, next });
const asking: Invitation = { state: 'asking', dueAt: at(300) };
const ringing: Invitation = { state: 'ringing', ringsId: 'ben', dueAt: at(30) };
const joined: Invitation = { state: 'joined', joinedId: 'ben' };
const ended = ['refused', 'unanswered', 'returned', 'withdrawn'].map((state) => ({ state }) as Invitation);
const gone = { ok: false, code: 'invitation.gone' };

test('[IN2] the caller is asked first; a no asks nobody, a yes the next who could come', () => {
  expect(invite(ground('ben'))).toEqual(asking);
  expect(answerAsk(asking, false, ground('ben'))).toEqual({ ok: true, value: { state: 'refused' } });
  expect(answerAsk(asking, true, ground('ben'))).toEqual({ ok: true, value: ringing });
  expect(answerAsk(asking, true, ground(null))).toEqual({ ok: true, value: { state: 'returned' } });
  for (const i of [ringing, joined, ...ended]) expect(answerAsk(i, true, ground('ben'))).toEqual(gone);
});

test('[IN4] only who is asked answers; a no and a silence ask the next, or it is back', () => {
  expect(accept(ringing, 'ben')).toEqual({ ok: true, value: joined });
  expect(decline(ringing, 'ben', ground('ada'))).toEqual({ ok: true, value: { ...ringing, ringsId: 'ada' } });
  expect(decline(ringing, 'ben', ground(null))).toEqual({ ok: true, value: { state: 'returned' } });
  for (const i of [asking, joined, ...ended])
    for (const answer of [accept(i, 'ben'), decline(i, 'ben', ground('ada'))]) expect(answer).toEqual(gone);
  expect(accept(ringing, 'ada')).toEqual(gone);
  expect(decline(ringing, 'ada', ground('ada'))).toEqual(gone);
});

test('[IN4][I26] nothing happens before its time', () => {
  expect(onDue(asking, ground('ben', at(299)))).toBeNull();
  expect(onDue(asking, ground('ben', at(300)))).toEqual({ state: 'unanswered' });
  expect(onDue(ringing, ground('ada', at(29)))).toBeNull();
  expect(onDue(ringing, ground('ada', at(30)))).toEqual({ state: 'ringing', ringsId: 'ada', dueAt: at(60) });
  expect(onDue(ringing, ground(null, at(30)))).toEqual({ state: 'returned' });
  for (const i of [joined, ...ended]) expect(onDue(i, ground('ada', at(9999)))).toBeNull();
});

test('[IN5] taken back until somebody has come, and never after', () => {
  for (const i of [asking, ringing]) expect(withdraw(i)).toEqual({ ok: true, value: { state: 'withdrawn' } });
  for (const i of [joined, ...ended]) expect(withdraw(i)).toEqual(gone);
});

test('[IN4] whatever is answered in whatever order: it ends, once, and nobody is asked twice', () => {
  const move = fc.record({
    kind: fc.constantFrom('yes', 'no', 'accept', 'decline', 'due', 'withdraw'),
    by: fc.constantFrom('ada', 'ben', 'cleo'),
  });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 20 }), (moves) => {
      let now = 0;
      let i = invite(ground('ada', at(now)));
      const free = ['ada', 'ben', 'cleo'];
      const asked: string[] = [];
      for (const { kind, by } of moves) {
        now += 400;
        const g = ground(free[0] ?? null, at(now));
        const over = isOver(i);
        const step = {
          yes: () => answerAsk(i, true, g),
          no: () => answerAsk(i, false, g),
          accept: () => accept(i, by),
          decline: () => decline(i, by, g),
          due: () => ({ ok: true as const, value: onDue(i, g) ?? i }),
          withdraw: () => withdraw(i),
        }[kind as 'yes']();
        if (over) expect(step.ok && step.value !== i).toBe(false);
        if (!step.ok || step.value === i) continue;
        i = step.value;
        if (i.state !== 'ringing') continue;
        expect(asked).not.toContain(i.ringsId);
        asked.push(i.ringsId);
        free.shift();
      }
      for (let n = 0; n < 5; n++) i = onDue(i, ground(free.shift() ?? null, at((now += 400)))) ?? i;
      expect(isOver(i)).toBe(true);
    }),
  );
});
