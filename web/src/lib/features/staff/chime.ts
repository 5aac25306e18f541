/** Two soft tones, a third apart. @param at on the clock of the audio context, in seconds. @param loud 0 to 1. */
export function chime(context: AudioContext, out: AudioNode, at: number, loud: number, pitch = 1): void {
  for (const [delay, hertz] of [
    [0, 659.3],
    [0.22, 830.6],
  ] as const) {
    const tone = context.createOscillator(),
      gain = context.createGain();
    tone.type = 'triangle';
    tone.frequency.value = hertz * pitch;
    gain.gain.setValueAtTime(0, at + delay);
    gain.gain.linearRampToValueAtTime(loud, at + delay + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.001, at + delay + 0.5);
    tone.connect(gain).connect(out);
    tone.start(at + delay);
    tone.stop(at + delay + 0.55);
  }
}
