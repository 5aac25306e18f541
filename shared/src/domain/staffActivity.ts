/** At most this often a page tells the server that its person gave a sign. @param lockAfterSeconds the idle time of a screen */
export const activityTellMs = (lockAfterSeconds: number): number => Math.min(60_000, (lockAfterSeconds * 1000) / 4);

/** Calls that only a person makes; what a page asks by itself (views, marks, keys) is no sign of anybody. */
export const signsOfPerson: ReadonlySet<string> = new Set([
  'message.send',
  'message.typing',
  'offer.accept',
  'offer.decline',
  'offer.recuse',
  'shift.start',
  'shift.end',
  'peer.setState',
  'peer.setLimit',
  'wrapUp.submit',
  'conversation.end',
]);
