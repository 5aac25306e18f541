import { CallerClinician } from '#lib/features/escalation/callerClinician.svelte.ts';
import { CallerColleague } from '#lib/features/invitation/callerColleague.svelte.ts';
import type { Connection } from '#lib/realtime/connection.svelte.ts';

/** What a caller's talk needs once somebody else is to come into it: loaded then, so that no other talk pays for it. */
export { default as CallerFoot } from './CallerFoot.svelte';
export { default as Rights } from '#lib/features/escalation/Rights.svelte';

export type Comers = { clinician: CallerClinician; colleague: CallerColleague };
export const comersOf = (connection: Connection): Comers => ({
  clinician: new CallerClinician(connection),
  colleague: new CallerColleague(connection),
});
