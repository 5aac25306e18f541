const channelName = 'hearthline.staff.idle';
const checkMs = 1000;
/** How often the other tabs are told of activity, at most. */
const tellMs = 2000;
const signs = ['pointerdown', 'pointermove', 'keydown', 'touchstart', 'wheel'] as const;

type Told = { kind: 'active'; at: number } | { kind: 'locked' } | { kind: 'unlocked' };
export type IdleHost = {
  /** Milliseconds without a sign of the person until the screen locks. */
  limitMs: () => number;
  /** What is left of it, told once a second. */
  left: (ms: number) => void;
  /** A sign of the person in this tab, told every two seconds at most. */
  sign: () => void;
  /** Locked or unlocked in another tab. */
  told: (kind: 'locked' | 'unlocked') => void;
};

/** Time since the last press, key or touch in any tab of this browser. Wall-clock time, so that a sleeping machine counts too. */
export class IdleClock {
  #host: IdleHost;
  #last = Date.now();
  #toldAt = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(channelName);
  #check = () => this.#host.left(this.#host.limitMs() - (Date.now() - this.#last));

  constructor(host: IdleHost) {
    this.#host = host;
  }

  start(): void {
    this.#last = Date.now();
    for (const sign of signs) addEventListener(sign, this.active, { passive: true, capture: true });
    document.addEventListener('visibilitychange', this.#check);
    if (this.#tabs)
      this.#tabs.onmessage = ({ data }: MessageEvent<Told>) => {
        if (data.kind !== 'active') return this.#host.told(data.kind);
        if (data.at <= this.#last) return;
        this.#last = data.at;
        this.#check();
      };
    this.#timer = setInterval(this.#check, checkMs);
  }

  /** A sign of the person. One that comes after the time is over (a machine that wakes up) does not turn it back. */
  active = (): void => {
    const now = Date.now();
    if (now - this.#last >= this.#host.limitMs()) return this.#check();
    this.#last = now;
    if (now - this.#toldAt < tellMs) return;
    this.#toldAt = now;
    this.#tell({ kind: 'active', at: now });
    this.#host.sign();
    this.#check();
  };

  /** Starts counting from now, whatever was before: the second factor was given. */
  restart(): void {
    this.#last = Date.now();
    this.#tell({ kind: 'active', at: this.#last });
  }
  tell = (kind: 'locked' | 'unlocked'): void => this.#tell({ kind });

  stop(): void {
    clearInterval(this.#timer);
    for (const sign of signs) removeEventListener(sign, this.active, { capture: true });
    document.removeEventListener('visibilitychange', this.#check);
    this.#tabs?.close();
  }

  #tell(what: Told) {
    this.#tabs?.postMessage(what);
  }
}
