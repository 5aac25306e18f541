import { expect, test } from 'vitest';
import { qualityOf, readFigures, type Figures } from './quality.ts';

const still: Figures = {
  bytesReceived: 0,
  packetsReceived: 1000,
  packetsLost: 10,
  jitter: 0.005,
  roundTrip: 0.05,
  lostOnTheWay: 0,
};
const later = (over: Partial<Figures>): Figures => ({ ...still, packetsReceived: 1050, ...over });

test.each([
  ['good', {}],
  ['good', { packetsLost: 11 }],
  ['fair', { packetsLost: 12 }],
  ['poor', { packetsLost: 15 }],
  ['fair', { lostOnTheWay: 0.05 }],
  ['poor', { lostOnTheWay: 0.2 }],
  ['fair', { roundTrip: 0.3 }],
  ['poor', { roundTrip: 0.7 }],
  ['fair', { jitter: 0.04 }],
  ['poor', { jitter: 0.1 }],
  ['good', { packetsReceived: 1000, jitter: 0.5 }], // nobody sends: the jitter is that of before
  ['good', { packetsReceived: 1000 }], // nobody sends: nothing was lost
  ['good', { packetsReceived: 5, packetsLost: 0 }], // counters of a new connection
  ['unknown', { roundTrip: null, jitter: null }],
] as [string, Partial<Figures>][])('%s: %j', (word, over) => {
  expect(qualityOf(still, later(over))).toBe(word);
});
test('before there are two moments nothing is known', () => {
  expect(qualityOf(null, still)).toBe('unknown');
});
test('figures are summed over connections, times are the worst', () => {
  const report = (rows: object[]) => rows.map((row, i): [string, RTCStats] => [String(i), row as RTCStats]);
  const one = report([
    { type: 'candidate-pair', nominated: true, bytesReceived: 100, responsesReceived: 2, currentRoundTripTime: 0.1 },
    { type: 'candidate-pair', nominated: false, bytesReceived: 7, currentRoundTripTime: 9 },
    { type: 'inbound-rtp', kind: 'audio', packetsReceived: 50, packetsLost: 1, jitter: 0.01 },
    { type: 'inbound-rtp', kind: 'video', packetsReceived: 30, packetsLost: 0, jitter: 5 },
  ]);
  const two = report([
    { type: 'candidate-pair', nominated: true, bytesReceived: 10, currentRoundTripTime: 0.2 },
    { type: 'remote-inbound-rtp', kind: 'audio', fractionLost: 0.03 },
    { type: 'remote-inbound-rtp', kind: 'video', fractionLost: 0.9 }, // the picture is not sent any more
    { type: 'codec', mimeType: 'audio/opus' },
  ]);
  expect(readFigures([one, two])).toEqual({
    bytesReceived: 112,
    packetsReceived: 80,
    packetsLost: 1,
    jitter: 0.01,
    roundTrip: 0.2,
    lostOnTheWay: 0.03,
  });
});
test('a pair that was left does not count, where the browser says which one carries', () => {
  const pair = (id: string, currentRoundTripTime: number) => ({
    id,
    type: 'candidate-pair',
    nominated: true,
    bytesReceived: 5,
    currentRoundTripTime,
  });
  const rows = [pair('old', 4), pair('new', 0.1)];
  const report = (more: object[]) => [...rows, ...more].map((row, i): [string, RTCStats] => [`${i}`, row as RTCStats]);
  const transport = { id: 't', type: 'transport', selectedCandidatePairId: 'new' };
  expect(readFigures([report([transport])])).toMatchObject({ roundTrip: 0.1, bytesReceived: 5 });
  expect(readFigures([report([])])).toMatchObject({ roundTrip: 4, bytesReceived: 10 });
});
