import type { LineConfig } from '@hearthline/shared/contracts/line';
import type { Layer } from '@hearthline/shared/contracts/onCall';
import { gapsOf, type Window } from '@hearthline/shared/domain/roster';
import type { Clinician } from './readRoster.ts';

type Steps = NonNullable<LineConfig['escalation']>['steps'];

/** [RO4] When nobody of the ladder could be called, each step by its own means. */
export function gapsOfLadder(
  steps: Steps,
  layers: readonly Layer[],
  clinicians: readonly Clinician[],
  from: Date,
  until: Date,
): Window[] {
  const asked = steps.map(({ layer, means: wanted }) => ({
    layer,
    reachable: new Set(
      clinicians.filter((c) => c.means.some((m) => !wanted || wanted.includes(m.kind))).map((c) => c.id),
    ),
  }));
  return gapsOf(asked, layers, from, until);
}

export const missingLayers = (steps: Steps, layers: readonly { name: string }[]): string[] => [
  ...new Set(steps.map((s) => s.layer).filter((name) => !layers.some((l) => l.name === name))),
];
