import type { Ending } from '../ending.ts';
import { figure, lost, type Figure } from '../figures.ts';
import { pairedRounds } from '../paired.ts';
import type { Settings } from '../settings.ts';
import { startRig, type Scenario } from '../../faults/rig.ts';
import { scenarios } from '../../faults/scenarios.ts';

const names = ['a server is killed', 'PostgreSQL is killed and starts again'];
/** [I11] [I12] [I13] Acknowledged and lost, twice or out of order, or not the same on both sides. */
const ofMessages = /^I1[123]\b/;

/** Row 5: the two scenarios of the fault rig in which somebody writes all the while, judged by its checkers. */
export async function killRows(s: Settings, ending: Ending): Promise<Figure[]> {
  const rig = await startRig();
  ending.add(rig.stop);
  const chosen = names.map((name) => scenarios.find((one) => one.name === name) as Scenario);
  const measured = await pairedRounds(
    Math.min(3, s.rounds),
    async (round) => {
      const outcomes = [];
      for (const scenario of chosen)
        outcomes.push(await rig.play({ ...scenario, size: { peers: 8, callers: 10 } }, round));
      return {
        words: outcomes.reduce((sum, o) => sum + o.words, 0),
        wrong: outcomes.flatMap((o) => o.violations.filter((v) => ofMessages.test(v))).length,
      };
    },
    (n, v, taken) =>
      console.log(`row 5  round ${n}  ${v.words} acknowledged, ${v.wrong} lost or out of order  ${lost(taken)}`),
  );
  const words = measured.rounds.reduce((sum, r) => sum + r.values.words, 0);
  return [
    figure(
      {
        row: 5,
        what: 'acknowledged messages lost or out of order under SIGKILL of a server and of PostgreSQL',
        unit: '',
        better: 'lower',
        bar: 0,
        aim: 0,
      },
      measured,
      (v) => v.wrong,
      `of ${words} acknowledged, three servers, sent again until answered`,
    ),
  ];
}
