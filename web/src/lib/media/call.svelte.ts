import type { Connection } from '#lib/realtime/connection.svelte.ts';
import { pauseMs } from './backoff.ts';
import { callStep, noCall, stageOf, type CallEffect, type CallEvent, type CallState } from './callMachine.ts';
import { keepCall, takeCall } from './callMemory.ts';
import { CallConnection } from './callConnection.ts';
import { CallLock } from './callLock.ts';
import { CallPage } from './callPage.ts';
import type { Devices } from './devices.svelte.ts';
import type { CallFace, CallFacts, Engine, Kind, MediaKeys, Quality } from './media.ts';
import { narrowStep, wide, type Narrowing } from './narrowing.ts';
import { Others } from './others.svelte.ts';
import { OwnMedia } from './ownMedia.svelte.ts';

/** A drop is noticed within 3.4 s (`flow.ts`), so that text is offered within 5 s of it. */
const dropLateMs = 1200;
const joinLateMs = 8000;

/** The call of one conversation on one page: what the machine says is done here, on real devices and connections. */
export class Call implements CallFace {
  refusal = $state<string | null>(null);
  quality = $state<Quality>('unknown');
  encrypted = $state<boolean | null>(null);
  blanked = $state(false);
  #state = $state.raw<CallState>(noCall);
  #narrowing = $state.raw<Narrowing>(wide);
  readonly stage = $derived(stageOf(this.#state));
  readonly narrow = $derived(this.#narrowing.narrow);

  #devices: Devices;
  #own: OwnMedia;
  #others = new Others();
  #line: CallConnection;
  #page: CallPage;
  /** Had as long as this page wants the call. */
  #lock = new CallLock(() => this.#step({ is: 'wish', wish: 'away' }));
  /** Counts openings: one that waits for the lock is overtaken by the next. */
  #opening = 0;
  #memory = takeCall();
  #facts: CallFacts | null = null;
  #late: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #offs: (() => void)[];
  #closed = false;

  constructor(connection: Connection, keys: MediaKeys, devices: Devices) {
    this.#devices = devices;
    this.#own = new OwnMedia(devices, (kind, track) => this.#sends(kind, track));
    this.#line = new CallConnection(
      { connection, keys, devices, own: this.#own },
      {
        step: (event) => this.#step(event),
        refused: (sentence) => (this.refusal = sentence),
        seated: (engine, { encrypted }) => this.#seated(engine, encrypted),
        parties: (parties) => this.#others.heard(parties),
        quality: (mine) => this.#qualityIs(mine),
      },
    );
    this.#page = new CallPage({
      goes: () => this.#pageGoes(),
      mute: () => this.mute(!this.muted),
      hangUp: () => this.goOnInText(),
      seen: () => this.#line.engine?.blank(this.#blanks),
    });
    this.#offs = [
      connection.on('connect', () => this.#step({ is: 'retry' })),
      devices.onChange(() => {
        if (this.stage === 'in' && !this.#own.sound) void this.#own.open('sound'); // plugged in again
      }),
    ];
  }

  get parties() {
    return this.#others.parties;
  }
  get soundBlocked(): boolean {
    return this.#others.soundBlocked;
  }
  get problem() {
    return this.#own.problem;
  }
  get muted(): boolean {
    return this.#own.muted;
  }
  get cameraOn(): boolean {
    return this.#own.picture !== null;
  }
  get ownPicture(): MediaStreamTrack | null {
    return this.#own.picture;
  }
  get speaking(): boolean {
    return this.#own.speaking;
  }
  get interrupted(): boolean {
    return this.#own.interrupted;
  }

  update(facts: CallFacts): void {
    const before = this.#facts;
    this.#facts = facts;
    if (!before) this.#remember(facts);
    if (facts.channel !== 'video') this.#own.close('picture');
    if (before && facts.epoch !== before.epoch) this.#line.engine?.epoch(facts.epoch);
    void this.#mayJoinByItself(facts).then((byItself) => {
      if (this.#facts !== facts) return;
      this.#step({ is: 'room', generation: facts.room?.generation ?? null, byItself });
      if (before?.state === 'down' && facts.state !== 'down') this.#step({ is: 'retry' });
    });
  }

  async join(): Promise<void> {
    this.refusal = null;
    for (const kind of ['sound', 'picture'] as const) this.#own.forgive(kind);
    if (this.#facts) void this.#lock.take(this.#facts.me, true).then(() => this.#holds || this.#lock.letGo());
    this.#step({ is: 'wish', wish: 'yes' });
    if (this.stage === 'in' && !this.#own.sound) await this.#own.open('sound');
    if (this.soundBlocked) await this.allowSound();
  }

  goOnInText(): void {
    this.#step({ is: 'wish', wish: 'away' });
  }

  mute(is: boolean): void {
    this.#own.mute(is);
    this.#line.engine?.mute(is);
    this.#page.microphone(!is);
  }

  async camera(on: boolean): Promise<void> {
    this.#own.forgive('picture');
    if (!on) this.#own.close('picture');
    else if (this.#facts?.channel === 'video' && this.#wants) await this.#own.open('picture');
  }

  blank(is: boolean): void {
    this.blanked = is;
    this.#line.engine?.blank(this.#blanks);
  }

  volume = (partyId: string, to: number): void => this.#others.volume(partyId, to);
  allowSound = (): Promise<void> => this.#others.allowSound();

  async microphone(deviceId: string): Promise<void> {
    await this.#devices.choose('microphone', deviceId);
    if (this.#wants) await this.#own.open('sound');
  }

  async cameraDevice(deviceId: string): Promise<void> {
    await this.#devices.choose('camera', deviceId);
    if (this.#own.picture) await this.#own.open('picture');
  }

  async speaker(deviceId: string): Promise<void> {
    await this.#devices.choose('speaker', deviceId);
    await this.#others.speaker(deviceId);
  }

  close(): void {
    this.#step({ is: 'wish', wish: 'unasked' });
    this.#closed = true;
    for (const off of this.#offs) off();
    this.#page.close();
  }

  get #wants(): boolean {
    return this.#state.link !== 'out' && this.#state.link !== 'refused';
  }

  /** What only one page of this browser does at a time. */
  get #holds(): boolean {
    return this.#state.wish === 'yes' && this.#state.link !== 'refused';
  }

  /** Nobody looks at a page that is hidden, and a narrow line is kept for the voices. */
  get #blanks(): boolean {
    return this.blanked || this.narrow || document.visibilityState === 'hidden';
  }

  #remember(facts: CallFacts): void {
    if (this.#memory?.conversationId !== facts.conversationId) return;
    if (this.#memory.muted) this.mute(true);
    if (this.#memory.away) this.#step({ is: 'wish', wish: 'away' });
  }

  async #mayJoinByItself(facts: CallFacts): Promise<boolean> {
    if (!facts.room || facts.exposesAddress || this.#state.wish !== 'unasked') return false;
    return this.#devices.microphoneGranted();
  }

  #step(event: CallEvent): void {
    if (this.#closed) return;
    const { state, effects } = callStep(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#do(effect);
    if (!this.#wants) this.#own.closeAll();
    if (!this.#holds) this.#lock.letGo();
    this.#page.inCall(this.#wants);
  }

  #do(effect: CallEffect): void {
    switch (effect) {
      case 'open':
        clearTimeout(this.#retry);
        return void this.#open();
      case 'drop':
        clearTimeout(this.#retry);
        return this.#drop();
      case 'watchLate':
        clearTimeout(this.#late);
        this.#late = setTimeout(() => this.#step({ is: 'late' }), this.#state.wasIn ? dropLateMs : joinLateMs);
        return;
      case 'endLate':
        return clearTimeout(this.#late);
      case 'retryLater':
        this.#retry = setTimeout(() => this.#step({ is: 'retry' }), pauseMs(this.#state.tries, Math.random()));
    }
  }

  async #open(): Promise<void> {
    const opening = ++this.#opening;
    const here = await this.#lock.take(this.#facts?.me ?? '');
    if (!this.#holds) this.#lock.letGo();
    if (opening !== this.#opening || this.#state.link !== 'opening' || !this.#facts) return;
    if (here) await this.#line.open(this.#facts);
    else this.#step({ is: 'wish', wish: 'elsewhere' });
  }

  #drop(): void {
    this.#line.drop();
    this.#others.heard([]);
    this.quality = 'unknown';
    this.#narrowing = wide;
  }

  #seated(engine: Engine, encrypted: boolean): void {
    this.refusal = null;
    this.encrypted = encrypted;
    engine.mute(this.muted);
    engine.blank(this.#blanks);
    if (this.#facts) engine.epoch(this.#facts.epoch);
    this.#sends('sound', this.#own.sound);
    this.#sends('picture', this.#own.picture);
  }

  #qualityIs(mine: Quality): void {
    this.quality = mine;
    const { narrow } = this.#narrowing;
    // without pictures there is nothing to be narrow for
    this.#narrowing = this.#facts?.channel === 'video' ? narrowStep(this.#narrowing, mine, performance.now()) : wide;
    if (this.narrow === narrow) return;
    this.#line.engine?.blank(this.#blanks);
    this.#sends('picture', this.#own.picture);
  }

  #sends(kind: Kind, track: MediaStreamTrack | null): void {
    void this.#line.engine?.send(kind, kind === 'picture' && this.narrow ? null : track);
  }

  #pageGoes(): void {
    const { conversationId } = this.#facts ?? {};
    if (conversationId) keepCall({ conversationId, away: this.#state.wish === 'away', muted: this.muted });
    this.#line.engine?.leave();
    this.#lock.letGo(); // this page, loaded again, is to find it free
  }
}
