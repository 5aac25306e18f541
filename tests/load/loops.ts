import { randomUUID } from 'node:crypto';
import { within } from './ending.ts';
import type { Side, Talk } from './talks.ts';

const warmMs = 800;
const drainMs = 15_000;
/** A round that refuses or loses messages has no rate worth quoting. */
const tell = (what: string, n: number) => {
  if (n > 0) throw new Error(`${n} messages were ${what}`);
};

/** What the server spent while messages were counted: a gauge that only grows, read at both ends. */
export type Gauge = () => number;
const nothing: Gauge = () => 0;
function between(gauge: Gauge, from: number, to: number): () => number {
  let [first, last] = [NaN, NaN];
  setTimeout(() => (first = gauge()), from - performance.now());
  setTimeout(() => (last = gauge()), to - performance.now());
  return () => (Number.isNaN(last) ? gauge() : last) - first; // the loop may end a moment before its time
}

export type ClosedLoop = { perSecond: number; spent: number };
/** Closed loop, ping-pong: whoever receives a message answers with the next, one in flight a conversation. */
export async function closedLoop(talks: readonly Talk[], seconds: number, gauge: Gauge = nothing): Promise<ClosedLoop> {
  const from = performance.now() + warmMs;
  const to = from + seconds * 1000;
  const spent = between(gauge, from, to);
  let received = 0;
  let refused = 0;
  let unanswered = 0;
  let drained = () => {};
  const finished = talks.map(
    (talk) =>
      new Promise<void>((over) => {
        let own = '';
        const send = (side: Side) => {
          own = randomUUID();
          unanswered++;
          side.send(own, (ok) => {
            if (!ok) refused++;
            if (--unanswered === 0) drained();
          });
        };
        talk.forEach((side, i) => {
          let mine = '';
          side.onMessage = (clientId) => {
            if (clientId !== own || clientId === mine) return; // one's own message comes back too
            const now = performance.now();
            if (now >= from && now < to) received++;
            if (now >= to) return over();
            send(side);
            mine = own;
          };
          if (i === 0) {
            send(side);
            mine = own;
          }
        });
      }),
  );
  await within(to - performance.now() + drainMs, 'the last answer of each conversation', Promise.all(finished));
  const answered = new Promise<void>((done) => (unanswered === 0 ? done() : (drained = done)));
  await within(drainMs, 'the last acknowledgement', answered);
  tell('refused', refused);
  return { perSecond: received / seconds, spent: spent() };
}

export type OpenLoop = { receiver: number[]; ack: number[]; perSecond: number; worstLagMs: number; spent: number };

/**
 * Open loop: messages leave at planned times whatever comes back, from both sides of all conversations in turn.
 * Milliseconds count from the planned time, so that a stall of server or generator is not hidden.
 */
export async function openLoop(
  talks: readonly Talk[],
  rate: number,
  seconds: number,
  gauge: Gauge = nothing,
): Promise<OpenLoop> {
  const done: OpenLoop = { receiver: [], ack: [], perSecond: 0, worstLagMs: 0, spent: 0 };
  const flying = new Map<string, { planned: number; from: Side; counts: boolean }>();
  const sides = [0, 1].flatMap((i) => talks.map((talk) => talk[i] as Side));
  let open = 0;
  let refused = 0;
  let drained = () => {};
  const less = () => {
    if (--open === 0) drained();
  };
  for (const side of sides)
    side.onMessage = (clientId) => {
      const message = flying.get(clientId);
      if (!message || message.from === side) return;
      flying.delete(clientId);
      if (message.counts) done.receiver.push(performance.now() - message.planned);
      less();
    };
  const start = performance.now();
  const spent = between(gauge, start + warmMs, start + warmMs + seconds * 1000);
  const total = Math.round((rate * (warmMs + seconds * 1000)) / 1000);
  await atPlannedTimes(start, rate, total, (i, planned) => {
    const side = sides[i % sides.length] as Side;
    const clientId = randomUUID();
    const counts = planned >= start + warmMs;
    if (counts) done.worstLagMs = Math.max(done.worstLagMs, performance.now() - planned);
    flying.set(clientId, { planned, from: side, counts });
    open += 2;
    side.send(clientId, (ok) => {
      if (!ok) refused++;
      if (counts) done.ack.push(performance.now() - planned);
      less();
    });
  });
  await within(
    drainMs,
    `the end of ${rate} messages/s`,
    new Promise<void>((end) => (open === 0 ? end() : (drained = end))),
  );
  done.perSecond = total / ((performance.now() - start) / 1000);
  done.spent = spent();
  tell('refused', refused);
  return done;
}

/** Calls `act` for each planned time that has come, in order, on a tick of about a millisecond. */
export function atPlannedTimes(
  start: number,
  rate: number,
  total: number,
  act: (i: number, planned: number) => void,
): Promise<void> {
  return new Promise((done) => {
    let i = 0;
    const step = () => {
      for (; i < total && start + (i * 1000) / rate <= performance.now(); i++) act(i, start + (i * 1000) / rate);
      if (i < total) setTimeout(step, 1);
      else done();
    };
    step();
  });
}
