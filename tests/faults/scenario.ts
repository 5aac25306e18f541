import type { Rig, RigOptions } from './rig.ts';

export type Scenario = {
  name: string;
  /** Rows of the fault catalogue that it stands for. */
  faults: readonly string[];
  options?: Partial<RigOptions>;
  run(rig: Rig): Promise<void>;
};
