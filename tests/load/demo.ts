import { parseArgs } from 'node:util';
import { DemoRefused, runDemo } from './demo/runDemo.ts';

const help = `npm run demo -- [--peers 4] [--callers 6] [--minutes 10]

Simulated callers and peers on the line of the \`npm start\` that runs on this machine, so that there is something to
see. At most 50 people and 60 minutes. Ctrl-C ends it; the simulated peers' shifts end, their accounts are suspended.`;
const mostPeople = 50;
const mostMinutes = 60;

const { peers, callers, minutes } = asked();
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
process.stdout.on('error', () => {}); // a closed terminal must not stop the stopping
const timer = setTimeout(() => stopping.abort(), minutes * 60_000);
const say = (text: string) => console.log(`${new Date().toTimeString().slice(0, 8)}  ${text}`);

try {
  console.log(
    `${peers} simulated peers and ${callers} simulated callers for ${minutes} minutes; Ctrl-C ends it sooner.`,
  );
  if (callers > peers)
    console.log(
      `Each peer takes one chat, so about ${callers - peers} callers keep waiting: sign in as a demo peer (npm run code),\n` +
        'start a shift and go available, and one of them is yours. Sign in as the coordinator to see the board.\n',
    );
  const count = await runDemo({ env: process.env, peers, callers, stop: stopping.signal, say });
  console.log(`The demo has ended. Conversations finished with a survey: ${count.finished}.`);
} catch (error) {
  console.error(error instanceof DemoRefused ? error.message : error);
  process.exitCode = 1;
} finally {
  clearTimeout(timer);
}
process.exit();

function asked(): { peers: number; callers: number; minutes: number } {
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ options: { peers: text, callers: text, minutes: text, help: { type: 'boolean' } } });
    if (values.help) {
      console.log(help);
      process.exit(0);
    }
    const whole = (name: string, value: string, most: number) => {
      const n = Number(value);
      if (!Number.isInteger(n) || n < 1 || n > most) throw new Error(`--${name} is a whole number from 1 to ${most}.`);
      return n;
    };
    const read = {
      peers: whole('peers', values.peers ?? '4', mostPeople),
      callers: whole('callers', values.callers ?? '6', mostPeople),
      minutes: whole('minutes', values.minutes ?? '10', mostMinutes),
    };
    if (read.peers + read.callers > mostPeople) throw new Error(`At most ${mostPeople} people in all.`);
    return read;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${help}`);
    return process.exit(2);
  }
}
