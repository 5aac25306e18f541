import type { Ending } from '../ending.ts';
import { figure, lost, type Figure } from '../figures.ts';
import { openLoop } from '../loops.ts';
import { pairedRounds, quantile } from '../paired.ts';
import { benchStack, crowd } from '../people.ts';
import type { Settings } from '../settings.ts';
import { ourTalks, type Talk } from '../talks.ts';

const rate = 500;
const p99 = (values: number[]) => quantile(values, 0.99);

/** Row 12: of two servers, both people of a conversation on one, against each on another. */
export async function nodeRows(s: Settings, ending: Ending): Promise<Figure[]> {
  const stack = await benchStack(ending, 2);
  const talksOn = async (caller: number, staff: number): Promise<Talk[]> => {
    const people = await crowd(stack, ending, { caller, staff });
    const talks = await ourTalks(people, Math.ceil(s.conversations / 2));
    await people.close();
    return talks;
  };
  console.log(`making ${s.conversations} conversations, half of them across two servers`);
  const together = await talksOn(0, 0);
  const across = await talksOn(0, 1);
  const measured = await pairedRounds(
    s.rounds,
    async (round) => {
      const first = await openLoop(round % 2 ? across : together, rate, s.seconds);
      const second = await openLoop(round % 2 ? together : across, rate, s.seconds);
      return round % 2 ? { together: second, across: first } : { together: first, across: second };
    },
    (n, { together: t, across: a }, taken) =>
      console.log(
        `row 12  round ${n}/${s.rounds}  one node p99 ${p99(t.receiver).toFixed(1)} ms  two nodes ${p99(a.receiver).toFixed(1)} ms  ${lost(taken)}`,
      ),
  );
  return [
    figure(
      {
        row: 12,
        what: `p99 added by a second server between the two, at receiver, open loop ${rate}/s`,
        unit: 'ms',
        better: 'lower',
        bar: 10,
        aim: 4,
      },
      measured,
      ({ together, across }) => p99(across.receiver) - p99(together.receiver),
    ),
  ];
}
