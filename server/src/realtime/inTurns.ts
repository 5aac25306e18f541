/**
 * Everybody in `count` turns, each of them in one: what is done for all at once holds up what is said meanwhile.
 * By the last signs of a random id, so that a person's turn is always the same and a list may change between turns.
 */
export function inTurns(count: number): <T>(all: Iterable<T>, idOf: (one: T) => string) => T[] {
  let turn = 0;
  return (all, idOf) => {
    turn = (turn + 1) % count;
    return [...all].filter((one) => turnOf(idOf(one), count) === turn);
  };
}

const turnOf = (randomId: string, count: number): number =>
  ((randomId.at(-1)?.charCodeAt(0) ?? 0) * 7 + (randomId.at(-2)?.charCodeAt(0) ?? 0)) % count;
