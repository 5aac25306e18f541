/** [MS3] Fewer say nothing about the next one, and might tell of one caller. */
export const fewest = 5;

/** [MS2][MS3] Seconds of an `escalation` row, from when calling could begin; null: it did not come to that. */
export const answerTook = 'extract(epoch from acknowledged_at - begun_at)::float8';
export const joinTook = 'extract(epoch from joined_at - begun_at)::float8';

/** Whole seconds, rounded up, within which a share of those that are not null came. */
export const within = (share: 0.5 | 0.9, took: string): string =>
  `ceil(percentile_cont(${share}) within group (order by ${took}))::int`;
