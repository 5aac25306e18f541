const tones = [523.25, 659.25]; // C5 and E5
const toneSeconds = 0.5;
const soft = 0.15;

/** Two soft tones one after the other through this speaker, or the usual one. Resolves when they are over. */
export async function playTones(speaker: string): Promise<void> {
  const context = new AudioContext();
  try {
    if (speaker !== '' && 'setSinkId' in context)
      await (context as AudioContext & { setSinkId(id: string): Promise<void> }).setSinkId(speaker).catch(() => {});
    const last = tones.map((hz, i) => tone(context, hz, context.currentTime + i * toneSeconds)).at(-1);
    await context.resume();
    await new Promise((done) => last?.addEventListener('ended', done));
  } finally {
    await context.close();
  }
}

function tone(context: AudioContext, hz: number, at: number): OscillatorNode {
  const source = new OscillatorNode(context, { frequency: hz });
  const gain = new GainNode(context, { gain: 0 });
  // in and out softly: a bare start clicks
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(soft, at + 0.05);
  gain.gain.linearRampToValueAtTime(0, at + toneSeconds);
  source.connect(gain).connect(context.destination);
  source.start(at);
  source.stop(at + toneSeconds);
  return source;
}
