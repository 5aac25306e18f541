export type RequestState = 'waiting' | 'offered' | 'matched' | 'left' | 'lapsed' | 'closed';

/** [RQ1] The only transitions there are. `matched → waiting` is the caller who lost a peer and returns to the head. */
const moves: Record<RequestState, readonly RequestState[]> = {
  waiting: ['offered', 'left', 'lapsed', 'closed'],
  offered: ['waiting', 'matched', 'left', 'lapsed'],
  matched: ['waiting', 'closed'],
  left: [],
  lapsed: [],
  closed: [],
};

export const mayMove = (from: RequestState, to: RequestState): boolean => moves[from].includes(to);
/** States from which a guarded update may come, for its `where state = any(…)`. */
export const statesBefore = (to: RequestState): RequestState[] =>
  (Object.keys(moves) as RequestState[]).filter((from) => moves[from].includes(to));
export const isLive = (state: RequestState): boolean => moves[state].length > 0;
