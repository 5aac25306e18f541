import type { Role } from '@hearthline/shared/contracts/ids';

/** Who acts. `system` is the matcher, the sweeper and the relay: it has its own row in the access matrix. */
export type CallerActor = { kind: 'caller'; id: string; lineId: string };
export type StaffActor = {
  kind: 'staff';
  id: string;
  name: string;
  roles: readonly Role[];
  lineIds: readonly string[];
  /** The screen is locked: nothing that a caller wrote is handed out (S2). */
  locked: boolean;
};
export type SystemActor = { kind: 'system'; id: string };
export type Actor = CallerActor | StaffActor | SystemActor;

/** The system acts under one fixed id, so that its command ids cannot meet a person's. */
export const system: SystemActor = { kind: 'system', id: '00000000-0000-4000-8000-000000000000' };
