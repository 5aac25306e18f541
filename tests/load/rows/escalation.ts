import { randomUUID } from 'node:crypto';
import type { ClinicianView } from '@hearthline/shared/contracts/views';
import type { Ending } from '../ending.ts';
import { within } from '../ending.ts';
import { figure, lost, type Figure } from '../figures.ts';
import { pairedRounds, quantile } from '../paired.ts';
import { benchStack, crowd, type Crowd, type Person } from '../people.ts';
import type { Settings } from '../settings.ts';
import { meetings, type Meeting } from '../talks.ts';

const conversations = 20;
const patienceMs = 10_000;
type Run = { alarm: number[]; hop: number[] };

/**
 * Row 15: the peer presses → the alarm is on the socket of the clinician's open page, against a call that the server only
 * answers (there and back, as the press and its alarm are). Each is taken back before the next.
 */
export async function escalationRows(s: Settings, ending: Ending): Promise<Figure[]> {
  const people = await crowd(await benchStack(ending), ending);
  await ladderOf(people);
  const ana = await people.clinician('primary', 1);
  const talks = await meetings(people, conversations, 'chat');
  const alarms = watch(ana);
  const measured = await pairedRounds(
    s.rounds,
    () => pressAll(talks, alarms, Math.max(200, s.people)),
    (n, run, taken) =>
      console.log(
        `row 15  round ${n}/${s.rounds}  alarm p50 ${quantile(run.alarm, 0.5).toFixed(1)} p99 ${quantile(run.alarm, 0.99).toFixed(1)} ms, ` +
          `hop p50 ${quantile(run.hop, 0.5).toFixed(1)} p99 ${quantile(run.hop, 0.99).toFixed(1)} ms  ${lost(taken)}`,
      ),
  );
  const goal = {
    row: 15,
    what: "button → alarm on the clinician's open page, p99 over one socket hop",
    unit: 'ms',
    better: 'lower',
    bar: 30,
    aim: 10,
  } as const;
  return [figure(goal, measured, (run) => quantile(run.alarm, 0.99) - quantile(run.hop, 0.99), 'one after the other')];
}

/** One step, which does not climb while it is measured. */
export async function ladderOf({ deps }: Crowd): Promise<void> {
  const step = { layer: 'primary', seconds: 900, times: 1 };
  const ladder = { steps: [step], joinSeconds: 180, askSeconds: 300, announceConsult: false, protocol: ['Stay.'] };
  await deps.sql.query(
    `update line set config = config || jsonb_build_object('escalation', $1::jsonb), version = version + 1`,
    [JSON.stringify(ladder)],
  );
}

type Alarms = { next(escalationId: string): Promise<number> };
function watch({ socket }: Person): Alarms {
  const seen = new Map<string, number>();
  const waiting = new Map<string, (at: number) => void>();
  socket.on((name, payload) => {
    if (name !== 'clinician.view') return;
    const at = performance.now();
    for (const { id } of (payload as ClinicianView).escalations) {
      if (seen.has(id)) continue;
      seen.set(id, at);
      waiting.get(id)?.(at);
    }
  });
  return {
    next: (id) =>
      within(
        patienceMs,
        'the alarm',
        new Promise((done) => {
          const at = seen.get(id);
          if (at) done(at);
          else waiting.set(id, done);
        }),
      ),
  };
}

async function pressAll(talks: Meeting[], alarms: Alarms, times: number): Promise<Run> {
  const run: Run = { alarm: [], hop: [] };
  for (let i = 0; i < times; i++) {
    const { id: conversationId, peer } = talks[i % talks.length] as Meeting;
    const hopAt = performance.now();
    await peer.call('message.typing', { conversationId });
    run.hop.push(performance.now() - hopAt);
    const escalationId = randomUUID();
    const alarm = alarms.next(escalationId);
    const pressedAt = performance.now();
    const pressed = peer.call('escalation.raise', { commandId: escalationId, conversationId, kind: 'consult' });
    run.alarm.push((await alarm) - pressedAt);
    await pressed;
    await peer.call('escalation.withdraw', { commandId: randomUUID(), escalationId });
  }
  return run;
}
