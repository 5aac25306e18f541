import SealingWorker from 'livekit-client/e2ee-worker?worker';
import { RoomKeys } from './roomKeys.ts';

const startsWithinMs = 5000;

/** What seals and opens frames, away from the page's own thread. */
export type Sealing = { keys: RoomKeys; worker: Worker; ready: Promise<void>; end(): void };

/** One that has its script already and waits for a call; one that fails meanwhile is forgotten. */
let spare: Worker | null = null;

/** Starts a worker ahead of a call: its script and its thread take longer than a seat. */
export function prepareSealing(): void {
  if (spare) return;
  const worker = new SealingWorker();
  spare = worker;
  worker.addEventListener('error', () => {
    if (spare === worker) spare = null;
  });
}

/** @param broken told when it fails after it was ready; before that `ready` rejects */
export function openSealing(broken: () => void): Sealing {
  const worker = spare ?? new SealingWorker();
  spare = null;
  const ready = new Promise<void>((done, fail) => {
    setTimeout(() => fail(new Error('the worker did not start')), startsWithinMs);
    worker.addEventListener('message', ({ data }: MessageEvent<{ kind?: string }>) => {
      if (data.kind === 'initAck') done();
    });
    worker.addEventListener('error', () => {
      fail(new Error('the worker failed'));
      broken();
    });
  });
  ready.catch(() => {}); // whoever joins waits for it
  return { keys: new RoomKeys(), worker, ready, end: () => worker.terminate() };
}
