import type { Quality } from './media.ts';

/** Counters and times of all connections of one moment, from getStats(). */
export type Figures = {
  /** Everything that came in, STUN and RTCP too: what stands still is a line that is cut. */
  bytesReceived: number;
  packetsReceived: number;
  packetsLost: number;
  /** Worst of the incoming sound, in seconds; null while there is none. */
  jitter: number | null;
  /** Worst, in seconds. */
  roundTrip: number | null;
  /** Worst of the sound we send as the other end counts it, 0 to 1. */
  lostOnTheWay: number | null;
};

type Row = RTCStats & Record<string, unknown>;
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
const worse = (a: number | null, value: unknown): number | null =>
  typeof value === 'number' ? Math.max(a ?? 0, value) : a;

export function readFigures(reports: readonly Iterable<[string, RTCStats]>[]): Figures {
  const sum: Figures = {
    bytesReceived: 0,
    packetsReceived: 0,
    packetsLost: 0,
    jitter: null,
    roundTrip: null,
    lostOnTheWay: null,
  };
  for (const report of reports) {
    const rows = [...report].map(([, row]) => row as Row);
    const carrying = new Set(rows.map((row) => row['selectedCandidatePairId']).filter((id) => id !== undefined));
    for (const row of rows) add(sum, row, carrying);
  }
  return sum;
}

/** @param carrying ids of the pairs in use; one that was left keeps the last figures it had, so it must not count */
function add(sum: Figures, row: Row, carrying: ReadonlySet<unknown>): void {
  if (row.type === 'candidate-pair' && (carrying.size > 0 ? carrying.has(row.id) : row['nominated'] === true)) {
    sum.bytesReceived += number(row['bytesReceived']) + number(row['responsesReceived']);
    sum.roundTrip = worse(sum.roundTrip, row['currentRoundTripTime']);
  }
  if (row.type === 'inbound-rtp') {
    sum.packetsReceived += number(row['packetsReceived']);
    sum.packetsLost += number(row['packetsLost']);
    if (row['kind'] === 'audio') sum.jitter = worse(sum.jitter, row['jitter']);
  }
  // a picture that is not sent any more keeps its last figure too
  if (row.type === 'remote-inbound-rtp' && row['kind'] === 'audio')
    sum.lostOnTheWay = worse(sum.lostOnTheWay, row['fractionLost']);
}

/**
 * What a person notices. Speech with Opus stays easy to follow up to 2 % loss and 250 ms there and back, and becomes work beyond
 * 8 % or 600 ms (after ITU-T G.114 and G.113).
 */
export function qualityOf(before: Figures | null, now: Figures): Quality {
  if (!before || (now.roundTrip === null && now.jitter === null)) return 'unknown';
  const lost = Math.max(0, now.packetsLost - before.packetsLost);
  const came = Math.max(0, now.packetsReceived - before.packetsReceived);
  const loss = Math.max(lost + came === 0 ? 0 : lost / (lost + came), now.lostOnTheWay ?? 0);
  const roundTrip = now.roundTrip ?? 0;
  const jitter = came > 0 ? (now.jitter ?? 0) : 0; // of nothing, it is that of before
  if (loss > 0.08 || roundTrip > 0.6 || jitter > 0.06) return 'poor';
  if (loss > 0.02 || roundTrip > 0.25 || jitter > 0.03) return 'fair';
  return 'good';
}
