import { judge, type InvariantId } from './checks/all.ts';
import { measure, type Measures } from './measures.ts';
import type { Record_ } from './record.ts';
import { startRig } from './rig.ts';
import type { Scenario } from './scenario.ts';

export type Outcome = {
  name: string;
  seed: number;
  broken: Partial<Record<InvariantId, string[]>>;
  measures: Measures;
  messages: number;
  talks: number;
  record: Record_;
};

const useMs = 4000;

/** One scenario on a line of its own: use, fault, use, rest, judge. */
export async function runScenario(scenario: Scenario, seed: number, more: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const rig = await startRig({ seed, ...scenario.options, env: { ...scenario.options?.env, ...more } });
  try {
    await rig.use(useMs);
    await scenario.run(rig);
    await rig.use(useMs);
    const record = await rig.rest();
    const { name } = scenario;
    const { messages, talks } = record;
    return {
      name,
      seed,
      broken: judge(record),
      measures: measure(record),
      messages: messages.length,
      talks: talks.length,
      record,
    };
  } finally {
    await rig.stop();
  }
}
