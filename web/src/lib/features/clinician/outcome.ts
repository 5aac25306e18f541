import type { CloseEscalation, Disposition, OutcomeDraft } from '@hearthline/shared/contracts/escalation';

/** What a clinician has filled in so far. */
export type Outcome = {
  disposition: Disposition | '';
  told: string;
  note: string;
  safetyPlan: string;
  referrals: string;
  /** '': none is ordered. */
  followUpHours: string;
};
export const emptyOutcome: Outcome = {
  disposition: '',
  told: '',
  note: '',
  safetyPlan: '',
  referrals: '',
  followUpHours: '',
};
export const followUps = ['24', '48', '72', '168', '336'] as const;

export const draftOf = ({ disposition, followUpHours, ...words }: Outcome): OutcomeDraft => ({
  ...words,
  ...(disposition ? { disposition } : {}),
  ...(Number(followUpHours) ? { followUpHours: Number(followUpHours) } : {}),
});
export const outcomeFrom = ({ disposition, followUpHours, ...words }: OutcomeDraft): Outcome => ({
  ...words,
  disposition: disposition ?? '',
  followUpHours: followUpHours ? String(followUpHours) : '',
});

/** @returns null: something that is needed is missing */
export function outcomeToSend(escalationId: string, o: Outcome): Omit<CloseEscalation, 'commandId'> | null {
  const told = o.told.trim();
  if (!o.disposition || !told) return null;
  const optional = Object.fromEntries(
    (['note', 'safetyPlan', 'referrals'] as const).flatMap((f) => (o[f].trim() ? [[f, o[f].trim()]] : [])),
  );
  const hours = Number(o.followUpHours);
  return { escalationId, disposition: o.disposition, told, ...optional, ...(hours ? { followUpHours: hours } : {}) };
}
