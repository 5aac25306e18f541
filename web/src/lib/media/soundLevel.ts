const timesASecond = 10;
/** Speech at arm's length has an RMS of about 0.1; a meter that shows it in the upper half can be read. */
const loudRms = 0.2;

/** Tells how loud a track is, 0 to 1, ten times a second. @returns a function that ends it. */
export function watchLevel(track: MediaStreamTrack, tell: (level: number) => void): () => void {
  try {
    return watch(track, tell);
  } catch {
    return () => {}; // no meter, where a browser has no context left to give; the call goes on
  }
}

function watch(track: MediaStreamTrack, tell: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 1024 });
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const rms = Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
    tell(Math.min(1, Math.sqrt(rms / loudRms)));
  }, 1000 / timesASecond);
  void context.resume().catch(() => {}); // where a press is needed first, the meter stays low
  return () => {
    clearInterval(timer);
    void context.close();
  };
}
