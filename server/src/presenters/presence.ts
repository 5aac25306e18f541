import type { Presence } from '@hearthline/shared/contracts/views';

/** Lost a moment ago is "coming back": we wait for them, and say so. */
export const presenceOf = (lostAt: Date | null): Presence => (lostAt ? 'comingBack' : 'here');
