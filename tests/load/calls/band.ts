import { fork } from 'node:child_process';
import { join } from 'node:path';
import { within, type Ending } from '../ending.ts';
import type { Ask, Heard, Seat, Told } from './headless.ts';

/** A process of participants without screens (`headless.ts`). */
export type Band = {
  pid: number;
  /** @throws when one of them cannot get in. */
  join(seats: Seat[]): Promise<void>;
  heard(): Promise<Heard>;
};

export function openBand(ending: Ending): Band {
  const child = fork(join(import.meta.dirname, 'headless.ts'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  ending.add(() => {
    if (child.connected) child.disconnect();
    return within(10_000, 'the end of the participants', gone).catch(() => void child.kill('SIGKILL'));
  });
  const ask = async <K extends Told['kind']>(question: Ask, kind: K): Promise<Extract<Told, { kind: K }>> => {
    const answer = new Promise<Extract<Told, { kind: K }>>((done) => {
      const hear = (told: Told) => {
        if (told.kind !== kind) return;
        child.off('message', hear);
        done(told as Extract<Told, { kind: K }>);
      };
      child.on('message', hear);
    });
    child.send(question);
    return within(60_000, `an answer of the participants (${kind})`, answer);
  };
  return {
    pid: child.pid ?? 0,
    async join(seats) {
      const { failed } = await ask({ kind: 'join', seats }, 'joined');
      if (failed[0]) throw new Error(`${failed.length} participants did not get in: ${failed[0]}`);
    },
    heard: () => ask({ kind: 'heard' }, 'heard'),
  };
}
