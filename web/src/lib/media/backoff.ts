const firstMs = 500;
const mostMs = 4000;

/** How long to wait before the next try: doubling, and anywhere in the upper half, so that a room does not come back all at once. */
export function pauseMs(tries: number, chance: number): number {
  const full = Math.min(mostMs, firstMs * 2 ** Math.max(0, tries - 1));
  return full / 2 + (full / 2) * chance;
}
