/** Plays the others' sound, without anything to see. */
export class RemoteSound {
  #playing = new Map<string, HTMLAudioElement>();
  #volumes = new Map<string, number>();
  #speaker = '';
  #blocked: (is: boolean) => void;

  /** @param blocked told when the page may not play before somebody presses something, and when it may. */
  constructor(blocked: (is: boolean) => void) {
    this.#blocked = blocked;
  }

  /** What is to be heard now, by party. */
  play(tracks: ReadonlyMap<string, MediaStreamTrack>): void {
    for (const [party, element] of this.#playing) if (!tracks.has(party)) this.#end(party, element);
    for (const [party, track] of tracks) {
      const element = this.#playing.get(party) ?? this.#start(party);
      const now = element.srcObject instanceof MediaStream ? element.srcObject.getTracks()[0] : undefined;
      if (now === track) continue;
      element.srcObject = new MediaStream([track]);
      void this.#sound(element);
    }
  }

  volume(party: string, to: number): void {
    this.#volumes.set(party, to);
    const element = this.#playing.get(party);
    if (element) element.volume = to;
  }
  volumeOf = (party: string): number => this.#volumes.get(party) ?? 1;

  async speaker(id: string): Promise<void> {
    this.#speaker = id;
    await Promise.all([...this.#playing.values()].map((element) => this.#route(element)));
  }

  /** From a press. */
  async allow(): Promise<void> {
    await Promise.all([...this.#playing.values()].map((element) => this.#sound(element)));
  }

  close(): void {
    for (const [party, element] of this.#playing) this.#end(party, element);
  }

  #start(party: string): HTMLAudioElement {
    const element = document.createElement('audio');
    element.autoplay = true;
    element.hidden = true;
    element.volume = this.volumeOf(party);
    document.body.append(element);
    this.#playing.set(party, element);
    void this.#route(element);
    return element;
  }

  #end(party: string, element: HTMLAudioElement): void {
    element.srcObject = null;
    element.remove();
    this.#playing.delete(party);
    if (this.#playing.size === 0) this.#blocked(false);
  }

  async #sound(element: HTMLAudioElement): Promise<void> {
    try {
      await element.play();
      this.#blocked(false);
    } catch (error) {
      if (error instanceof Error && error.name === 'NotAllowedError') this.#blocked(true);
    }
  }

  async #route(element: HTMLAudioElement): Promise<void> {
    if (this.#speaker === '' || !('setSinkId' in element)) return;
    await element.setSinkId(this.#speaker).catch(() => {}); // unplugged: the usual one goes on
  }
}
