/** Every kind of timer. Each has a row in `due` and one command that it runs. */
export const dueKinds = [
  'offer.expire',
  'request.lapse',
  'conversation.return',
  'conversation.stale',
  'rest.over',
] as const;
export type DueKind = (typeof dueKinds)[number];
