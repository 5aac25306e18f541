import {
  AudioFrame,
  AudioSource,
  dispose,
  LocalAudioTrack,
  Room,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';

/**
 * Participants without a screen, for load: each sends a tone and takes the others' sound. In a process of their own, so that
 * what they cost is told apart. Asked over IPC; ends with its parent.
 */
export type Seat = { url: string; token: string };
export type Ask = { kind: 'join'; seats: Seat[] } | { kind: 'heard' };
/** Over all participants since they joined. concealed: samples that had to be made up because their packet never came or came late. */
export type Heard = { connected: number; samples: number; concealed: number };
export type Told = { kind: 'joined'; failed: string[] } | ({ kind: 'heard' } & Heard);

const rate = 48_000;
const frameMs = 20;
const samples = (rate * frameMs) / 1000;
const hz = 440;
/** A third of full volume: discontinuous transmission must never take it for silence. */
const amplitude = 11_000;

type Participant = { room: Room; source: AudioSource };
const all: Participant[] = [];

function tone(n: number): AudioFrame {
  const at = (i: number) => amplitude * Math.sin((2 * Math.PI * hz * (n * samples + i)) / rate);
  return new AudioFrame(
    Int16Array.from({ length: samples }, (_, i) => at(i)),
    rate,
    1,
    samples,
  );
}

async function join({ url, token }: Seat): Promise<void> {
  const room = new Room();
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  const source = new AudioSource(rate, 1, 100);
  const options = new TrackPublishOptions();
  options.source = TrackSource.SOURCE_MICROPHONE;
  await room.localParticipant?.publishTrack(LocalAudioTrack.createAudioTrack('tone', source), options);
  all.push({ room, source });
}

async function heard(): Promise<Heard> {
  const sum: Heard = { connected: 0, samples: 0, concealed: 0 };
  for (const { room } of all.filter((one) => one.room.isConnected)) {
    sum.connected++;
    const { publisherStats, subscriberStats } = await room.getRtcStats(); // one connection carries both ways, or two
    for (const { stats } of [...publisherStats, ...subscriberStats]) {
      if (stats.case !== 'inboundRtp') continue;
      sum.samples += Number(stats.value.inbound?.totalSamplesReceived ?? 0);
      sum.concealed += Number(stats.value.inbound?.concealedSamples ?? 0);
    }
  }
  return sum;
}

let n = 0;
const started = performance.now();
const speaking = setInterval(() => {
  for (; n * frameMs < performance.now() - started; n++) {
    const frame = tone(n);
    for (const { source } of all) void source.captureFrame(frame).catch(() => {}); // it was closed at the end
  }
}, frameMs);

const tell = (told: Told) => void (process.connected && process.send?.(told));
process.on('message', (ask: Ask) => {
  if (ask.kind === 'heard') return void heard().then((h) => tell({ kind: 'heard', ...h }));
  void Promise.allSettled(ask.seats.map(join)).then((done) => {
    const failed = done.flatMap((d) => (d.status === 'rejected' ? [(d.reason as Error).message] : []));
    tell({ kind: 'joined', failed });
  });
});
process.on('disconnect', () => {
  clearInterval(speaking);
  void Promise.allSettled(all.map(({ room }) => room.disconnect()))
    .then(dispose)
    .finally(() => process.exit(0));
});
