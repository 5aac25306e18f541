const day = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formats.set(timeZone, made);
  return made;
}

/** Wall-clock time of a zone at an instant, as if it were UTC. Milliseconds. */
export function localOf(timeZone: string, at: number): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map((p) => [p.type, Number(p.value)]),
  );
  return Date.UTC(
    parts['year'] ?? 0,
    (parts['month'] ?? 1) - 1,
    parts['day'] ?? 1,
    parts['hour'] ?? 0,
    parts['minute'] ?? 0,
    parts['second'] ?? 0,
  );
}

/**
 * The instant of a wall-clock time. A time that a change of clocks skips moves forward by the gap; one that comes
 * twice means the first (the rule of RFC 5545 and of Temporal's "compatible").
 */
export function instantOf(timeZone: string, local: number): number {
  const candidates = [localOf(timeZone, local - day) - (local - day), localOf(timeZone, local + day) - (local + day)]
    .map((offset) => local - offset)
    .sort((a, b) => a - b);
  const exact = candidates.find((at) => localOf(timeZone, at) === local);
  return exact ?? candidates[candidates.length - 1] ?? local;
}
