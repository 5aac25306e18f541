/** Every kind of timer. Each has a row in `due` and one command that it runs. */
export const dueKinds = [
  'offer.expire',
  'request.lapse',
  'conversation.return',
  'conversation.stale',
  'rest.over',
  'escalation.goOn',
  'invitation.goOn',
] as const;
export type DueKind = (typeof dueKinds)[number];
