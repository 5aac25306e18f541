import { stayAwake } from './awake.ts';

type Hears = {
  /** The page is being left. */
  goes(): void;
  /** Pressed on the system's own controls. */
  mute(): void;
  hangUp(): void;
  /** The page is seen, or not any more. */
  seen(): void;
};

/** What a call has to do with its page and its system, whatever carries it. */
export class CallPage {
  #hears: Hears;
  #in = false;
  #sleep = () => {};
  #offs: (() => void)[] = [];

  constructor(hears: Hears) {
    this.#hears = hears;
    const on = (target: EventTarget, name: string, heard: () => void) => {
      target.addEventListener(name, heard);
      this.#offs.push(() => target.removeEventListener(name, heard));
    };
    on(window, 'pagehide', () => hears.goes());
    on(document, 'visibilitychange', () => hears.seen());
  }

  inCall(is: boolean): void {
    if (is === this.#in) return;
    this.#in = is;
    this.#sleep();
    this.#sleep = is ? stayAwake() : () => {};
    handle('togglemicrophone', is ? () => this.#hears.mute() : null);
    handle('hangup', is ? () => this.#hears.hangUp() : null);
  }

  microphone(open: boolean): void {
    void navigator.mediaSession?.setMicrophoneActive?.(open)?.catch?.(() => {});
  }

  close(): void {
    this.inCall(false);
    for (const off of this.#offs) off();
  }
}

/** A browser that does not know an action throws. */
function handle(action: string, heard: (() => void) | null): void {
  try {
    navigator.mediaSession?.setActionHandler(action as MediaSessionAction, heard);
  } catch {
    /* its own controls do not have it */
  }
}
