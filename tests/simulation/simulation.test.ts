import { describe, expect, test } from 'vitest';
import { play, type Outcome } from './run.ts';

/** With its whole history, where something did not hold. */
const broken = ({ seed, hours, violations, history }: Outcome): string =>
  violations.length === 0 ? '' : `seed ${seed} after ${hours.toFixed(2)} h\n${history()}\n${violations.join('\n')}`;

describe('lines with escalations in virtual time', () => {
  test.each(Array.from({ length: 8 }, (_, n) => String(n + 101)))(
    '[I1][I2][I4][I5][I6][I8][I9][I10][I14][I16][I22][I26][CT1][ES15][IN1][IN2][IN3][IN4][IN6][IN7][MA3][PA4][PA7] hold after every happening: seed %s',
    (seed) => expect(broken(play({ seed, hours: 1.5 }))).toBe(''),
  );

  test('[I26] clocks of processes that are minutes wrong change nothing: the history is the same to the millisecond', () => {
    for (const seed of ['skew 1', 'skew 2']) {
      const [right, wrong] = [false, true].map((skewed) => play({ seed, hours: 1, skewed }).history());
      expect(right).toContain('escalation.');
      expect(wrong === right).toBe(true);
    }
  });
});
