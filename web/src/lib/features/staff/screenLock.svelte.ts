import { m } from '#lib/paraglide/messages.js';
import { activityTellMs } from '@hearthline/shared/domain/staffActivity';
import { IdleClock } from './idleClock.ts';
import type { StaffLive } from './staffLive.svelte.ts';
import { staffAuth } from './staffAuth.ts';

const warnMs = 60_000;
const tellServerAgainMs = 5000;
/** A view that was on its way while the code was checked may still say "locked". */
const viewGraceMs = 1000;

/** What the server says about the lock of this session. */
type LockFacts = { locked: boolean; lockAfterSeconds: number };

/**
 * The idle lock of a staff screen (S2). Locking drops text and keys at once and tells the server, which then hands out
 * none; the socket goes on. Unlocking asks for the second factor.
 */
export class ScreenLock {
  locked = $state(false);
  /** Less than a minute left. */
  warned = $state(false);
  #after: number;
  #unlockedAt = 0;
  #toldActiveAt = -Infinity;
  #live: StaffLive;
  #drop: () => void;
  #restore: () => void;
  #clock: IdleClock;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #off: (() => void) | undefined;

  /** @param drop forgets every text and key of this page. @param restore gets them anew. */
  constructor(live: StaffLive, facts: LockFacts, drop: () => void, restore: () => void) {
    this.#live = live;
    this.#after = facts.lockAfterSeconds;
    this.locked = facts.locked;
    this.#drop = drop;
    this.#restore = restore;
    this.#clock = new IdleClock({
      limitMs: () => this.#after * 1000,
      left: (ms) => this.#left(ms),
      sign: () => this.#tellActive(),
      told: (kind) => (kind === 'locked' ? this.#close() : this.#open()),
    });
  }

  start(): void {
    this.#off = this.#live.connection.on('locked', () => this.#close());
    this.#clock.start();
  }
  destroy(): void {
    clearTimeout(this.#retry);
    this.#off?.();
    this.#clock.stop();
  }

  /** Before a view is shown: it may say that this session is locked. */
  hear(view: { now: string; me: LockFacts }): void {
    if (view.me.locked && Date.parse(view.now) > this.#unlockedAt + viewGraceMs) this.#close();
  }

  stay = (): void => this.#clock.active();

  /** @returns what to say; null when the screen is open again. */
  async unlock(code: string): Promise<string | null> {
    const answer = await staffAuth.unlock(code);
    if (!answer.ok) return answer.message ?? (answer.status === 0 ? m.staff_no_answer() : m.staff_server_error());
    this.#clock.tell('unlocked');
    this.#open();
    return null;
  }

  #left(ms: number) {
    if (this.locked) return;
    if (ms <= 0) {
      this.#clock.tell('locked');
      this.#close();
      void this.#tellServer();
    } else this.warned = ms <= Math.min(warnMs, (this.#after * 1000) / 2);
  }

  #close() {
    if (this.locked) return;
    this.locked = true;
    this.warned = false;
    this.#drop();
  }

  #open() {
    clearTimeout(this.#retry);
    this.#unlockedAt = this.#live.serverNow();
    this.#clock.restart();
    this.locked = false;
    this.#restore();
    this.#live.connection.askAgain();
  }

  /** The server counts idle time too, for pages that are gone. Whoever was silent too long for it is locked when it says so. */
  #tellActive(): void {
    const now = performance.now();
    if (this.locked || now - this.#toldActiveAt < activityTellMs(this.#after)) return;
    this.#toldActiveAt = now;
    const unlockedAt = this.#unlockedAt;
    void staffAuth.active().then((answer) => {
      if (answer.ok) return;
      this.#toldActiveAt = -Infinity;
      if (answer.code === 'session.locked' && unlockedAt === this.#unlockedAt) this.#close(); // else it is of before the unlock
    });
  }

  async #tellServer(): Promise<void> {
    const answer = await staffAuth.lock();
    if (!answer.ok && (answer.status === 0 || answer.status >= 500) && this.locked)
      this.#retry = setTimeout(() => void this.#tellServer(), tellServerAgainMs);
  }
}
