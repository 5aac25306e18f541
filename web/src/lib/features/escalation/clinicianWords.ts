import type { OnCallNow, StaffNamed } from '@hearthline/shared/contracts/escalation';
import { clin_named, clin_usual, clin_usual_one, clin_usual_up_to } from '#lib/paraglide/messages.js';

/** "Ana, nurse". */
export const named = ({ name, title }: Pick<StaffNamed, 'name' | 'title'>): string =>
  title ? clin_named({ name, title }) : name;

/** "in 1 to 3 minutes": half of them answer by the first number, 9 in 10 by the second. */
export function usualWords({ p50, p90 }: NonNullable<OnCallNow['usual']>): string {
  const from = Math.max(1, Math.round(p50 / 60));
  const to = Math.max(from, Math.ceil(p90 / 60));
  if (to === 1) return clin_usual_one();
  return from === to ? clin_usual_up_to({ to }) : clin_usual({ from, to });
}
