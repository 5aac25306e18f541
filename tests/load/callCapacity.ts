import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { startTestLivekit } from '../support/livekit.ts';
import { close, open } from '../support/services.ts';
import { openBand } from './calls/band.ts';
import { createEnding, endOnSignals, inLanes } from './ending.ts';
import { cpuSeconds } from './machine.ts';
import { benchStack, crowd } from './people.ts';

/**
 * `npm run bench:calls`: how many voice calls a media server carries on this machine. Each call is a room of two, made and
 * seated by the product's own code; each participant sends a tone without a pause and takes the other's. Steps go on
 * until sound is lost or the machine has no time left; participants share it, so their part is told apart.
 */
/** Of these participants, who decode what they hear, one core carries about 40: they end the steps before the media server does. */
const steps = [5, 10, 20, 30];
const measureMs = 8000;
const mostConcealed = 0.01;
const mostBusy = 0.95;

const ending = createEnding();
endOnSignals(ending, close);
await open({});
const server = await startTestLivekit();
ending.add(server.stop);
const { media } = (await crowd(await benchStack(ending, 1, server.env), ending)).deps;
const band = openBand(ending);

async function call(): Promise<{ url: string; token: string }[]> {
  const room = { name: randomUUID(), sid: null };
  await media.openRoom(room);
  return inLanes([randomUUID(), randomUUID()], 2, async (id) => {
    const seated = { generation: 1, epoch: 1, encrypted: false };
    const seat = await media.seat(room, seated, { id, identity: `${id}.1`, others: [] });
    if (seat.engine !== 'livekit') throw new Error('not a seat of the media server');
    return { url: server.url.replace(/^http/, 'ws'), token: seat.token };
  });
}
const memoryMb = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
const busyOf = (): { busy: number; all: number } => {
  const times = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/\s+/).slice(1, 9).map(Number);
  const all = times.reduce((sum, n) => sum + n, 0);
  return { all, busy: all - (times[3] ?? 0) - (times[4] ?? 0) };
};

console.log(
  '| calls | media server, % of a core | a call | its memory MB | participants, % of a core | sound made up % | machine busy % |',
);
console.log('| --: | --: | --: | --: | --: | --: | --: |');
let running = 0;
for (const calls of steps) {
  const more = await inLanes(Array.from({ length: calls - running }), 4, call);
  for (const seats of more) await band.join(seats);
  running = calls;
  const before = {
    server: cpuSeconds(server.pid()),
    band: cpuSeconds(band.pid),
    heard: await band.heard(),
    machine: busyOf(),
  };
  await new Promise((done) => setTimeout(done, measureMs));
  const heard = await band.heard();
  const share = (from: number, pid: number) => (100 * (cpuSeconds(pid) - from)) / (measureMs / 1000);
  const machine = busyOf();
  const busy = (machine.busy - before.machine.busy) / (machine.all - before.machine.all);
  const concealed = (heard.concealed - before.heard.concealed) / (heard.samples - before.heard.samples);
  const own = share(before.server, server.pid());
  const cells = [
    calls,
    own.toFixed(0),
    (own / calls).toFixed(2),
    memoryMb(server.pid()).toFixed(0),
    share(before.band, band.pid).toFixed(0),
    (100 * concealed).toFixed(2),
    (100 * busy).toFixed(0),
  ];
  console.log(`| ${cells.join(' | ')} |`);
  if (heard.connected < 2 * calls) console.log(`${heard.connected} of ${2 * calls} are connected`);
  if (concealed > mostConcealed || busy > mostBusy || heard.connected < 2 * calls) break;
}
await ending.all();
await close();
process.exit(0);
