export interface Advisory {
  id: string;
  package: string;
  severity: string;
  title: string;
}
export interface Accepted {
  id: string;
  reason: string;
  until: string;
}
export function askAdvisories(
  root: string,
  pnpm: string,
  deadlineMs?: number,
): { known: Advisory[] } | { skipped: string };
export function readAdvisories(text: string): { known: Advisory[] } | null;
export function readAccepted(root: string): Accepted[];
export function openAdvisories(known: Advisory[], accepted: Accepted[], today: string): Advisory[];
