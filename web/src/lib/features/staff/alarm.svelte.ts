import { chime } from './chime.ts';

type Sound = 'idle' | 'ready' | 'blocked' | 'none';
type Notice = 'none' | 'default' | 'granted' | 'denied';
/** What rings until when, and what a notice of it says, which is nothing about any caller. */
export type Ring = { id: string; expiresAt: string; title: string; body: string };
/** Of a page: its own lock among tabs, and how loud it is (0 to 1). */
export type RingKind = { lock: string; loud: number };

const repeatSeconds = 3;
const lastSeconds = 10;

/**
 * The alarm that rings. All tones of a ring are put on the audio clock at once, so that a browser that slows the
 * timers of a hidden page cannot slow the ring. Of several tabs only the one that holds the lock makes a sound.
 */
export class Alarm {
  sound = $state<Sound>('idle');
  notice = $state<Notice>('none');
  #context: AudioContext | undefined;
  #rings = new Map<string, GainNode>();
  #seen = new Set<string>();
  #notices = new Map<string, Notification>();
  #leader = false;
  #asked = false;
  #letGo: (() => void) | undefined;
  #standing: readonly Ring[] = [];
  #serverNow: () => number;
  #kind: RingKind;

  constructor(serverNow: () => number, kind: RingKind) {
    this.#serverNow = serverNow;
    this.#kind = kind;
    this.#readNotice();
  }

  #readNotice() {
    this.notice = typeof Notification === 'undefined' ? 'none' : Notification.permission;
  }

  /** Must run inside a press. Opens the sound, plays the quiet test tone and asks for desktop notices. */
  async unlock({ testTone = true, askNotices = true } = {}): Promise<void> {
    if (askNotices && typeof Notification !== 'undefined' && Notification.permission === 'default') {
      void Notification.requestPermission().then(
        () => this.#readNotice(),
        () => this.#readNotice(),
      );
    }
    const context = this.#open();
    if (!context) {
      this.sound = 'none';
      return;
    }
    await Promise.race([context.resume().catch(() => undefined), new Promise((done) => setTimeout(done, 600))]);
    this.#readSound();
    if (context.state === 'running' && testTone) chime(context, context.destination, context.currentTime + 0.02, 0.05);
  }

  /** On shift after a reload: says at once when the sound is closed, and takes any press as the chance to open it. */
  watch(): () => void {
    this.#open();
    this.#readSound();
    const retry = () => {
      if (this.sound !== 'ready') void this.unlock({ testTone: false, askNotices: false });
    };
    addEventListener('pointerdown', retry);
    addEventListener('keydown', retry);
    const focus = () => this.#readNotice();
    addEventListener('focus', focus);
    return () => {
      removeEventListener('pointerdown', retry);
      removeEventListener('keydown', retry);
      removeEventListener('focus', focus);
    };
  }

  async askNotices(): Promise<void> {
    if (typeof Notification === 'undefined') return;
    await Notification.requestPermission().catch(() => undefined);
    this.#readNotice();
  }

  /** What stands now. New ones ring; those that are gone fall silent. */
  follow(rings: readonly Ring[]): void {
    this.#standing = rings;
    const standing = new Set(rings.map((ring) => ring.id));
    for (const id of this.#rings.keys()) if (!standing.has(id)) this.#hush(id);
    for (const [id, notice] of this.#notices)
      if (!standing.has(id)) {
        notice.close();
        this.#notices.delete(id);
      }
    for (const ring of rings) {
      if (!this.#seen.has(ring.id)) {
        this.#seen.add(ring.id);
        this.#show(ring);
      }
      this.#ring(ring);
    }
  }

  destroy(): void {
    for (const id of [...this.#rings.keys()]) this.#hush(id);
    for (const notice of this.#notices.values()) notice.close();
    this.#notices.clear();
    this.#letGo?.();
    void this.#context?.close().catch(() => undefined);
    this.#context = undefined;
  }

  #open(): AudioContext | undefined {
    if (this.#context || typeof AudioContext === 'undefined') return this.#context;
    try {
      this.#context = new AudioContext();
      this.#context.onstatechange = () => this.#readSound();
    } catch {
      /* no sound device: said by `sound` */
    }
    return this.#context;
  }

  #readSound() {
    this.sound = !this.#context ? 'none' : this.#context.state === 'running' ? 'ready' : 'blocked';
    if (this.sound === 'ready') {
      this.#claim();
      for (const ring of this.#standing) this.#ring(ring);
    }
  }

  /** Only a tab whose sound is open asks for the lock: a silent tab must not keep another one quiet. */
  #claim() {
    if (this.#asked) return;
    this.#asked = true;
    if (!('locks' in navigator)) {
      this.#leader = true;
      return;
    }
    void navigator.locks
      .request(this.#kind.lock, () => {
        this.#leader = true;
        for (const ring of this.#standing) this.#ring(ring);
        return new Promise<void>((letGo) => {
          this.#letGo = letGo;
        });
      })
      .catch(() => {
        this.#leader = true;
      });
  }

  #ring({ id, expiresAt }: Ring) {
    const context = this.#context;
    if (!context || context.state !== 'running' || !this.#leader || this.#rings.has(id)) return;
    const seconds = (Date.parse(expiresAt) - this.#serverNow()) / 1000;
    if (seconds <= 0.5) return;
    const out = context.createGain();
    out.connect(context.destination);
    this.#rings.set(id, out);
    const start = context.currentTime + 0.05;
    for (let at = 0; at < seconds; at += repeatSeconds) chime(context, out, start + at, this.#kind.loud);
    if (seconds > lastSeconds + 1) {
      const at = start + seconds - lastSeconds;
      chime(context, out, at, this.#kind.loud * 1.2, 1.5);
      chime(context, out, at + 0.45, this.#kind.loud * 1.2, 1.5);
    }
  }

  #hush(id: string) {
    this.#rings.get(id)?.disconnect();
    this.#rings.delete(id);
  }

  /** The tag folds the notices of several tabs into one. */
  #show({ id, title, body }: Ring) {
    if (this.notice !== 'granted' || (!document.hidden && document.hasFocus())) return;
    try {
      const notice = new Notification(title, {
        body,
        tag: `ring-${id}`,
        requireInteraction: true,
        icon: '/staff-icon.svg',
      });
      notice.onclick = () => {
        window.focus();
        notice.close();
      };
      this.#notices.set(id, notice);
    } catch {
      this.notice = 'none'; /* some phones allow notices from service workers only */
    }
  }
}
