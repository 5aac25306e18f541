/** What happens next, by time; of the same time in the order in which it was put down. */
export type Happening = { at: number; n: number; what: string; run(): void };

const before = (a: Happening, b: Happening): boolean => a.at < b.at || (a.at === b.at && a.n < b.n);

export function createHappenings() {
  const heap: Happening[] = [];
  let n = 0;
  return {
    get size() {
      return heap.length;
    },
    add(at: number, what: string, run: () => void): void {
      const one = { at, n: n++, what, run };
      let i = heap.push(one) - 1;
      for (let up = (i - 1) >> 1; i > 0 && before(one, heap[up]!); up = (i - 1) >> 1) {
        heap[i] = heap[up]!;
        i = up;
      }
      heap[i] = one;
    },
    next(): Happening | undefined {
      const first = heap[0];
      const last = heap.pop();
      if (!first || !last || first === last) return first;
      let i = 0;
      for (;;) {
        let child = 2 * i + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
        if (!before(heap[child]!, last)) break;
        heap[i] = heap[child]!;
        i = child;
      }
      heap[i] = last;
      return first;
    },
  };
}
