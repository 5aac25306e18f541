/**
 * [RQ6] The place that is told for a true one: exact up to the tenth, then rounded up to a step, so that a long line is not
 * told at every move. Never better than the truth.
 * @param place 1 = first.
 */
export function toldPlace(place: number): number {
  const step = place <= exactUpTo ? 1 : place <= 50 ? 5 : place <= 200 ? 20 : 100;
  return Math.ceil(place / step) * step;
}
export const exactUpTo = 10;
