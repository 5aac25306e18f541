import type { ClinicianEscalation } from '@hearthline/shared/contracts/escalation';
import { Alarm, type RingKind } from '#lib/features/staff/alarm.svelte.ts';
import { stayAwake } from '#lib/media/awake.ts';
import { m } from '#lib/paraglide/messages.js';
import type { Connection } from '#lib/realtime/connection.svelte.ts';
import { flashTitle } from './flashTitle.ts';

/** A call for a clinician wakes somebody up. */
const calls: RingKind = { lock: 'hearthline-on-call-ring', loud: 0.6 };
/** One call of one person: the same escalation rings anew when they are called once more. */
const ringOf = (e: ClinicianEscalation): string => `${e.id} ${e.dueAt ?? ''}`;

/** Those that can be taken, whoever is being called right now first. */
export const ringingIn = (escalations: readonly ClinicianEscalation[]): ClinicianEscalation[] =>
  escalations.filter((e) => e.mine === 'ringing').sort((a, b) => Number(b.callsMe) - Number(a.callsMe));

/** Sound, title and screen of a page on which a clinician is called, and the word to the server that it is shown. */
export class Rings {
  readonly alarm: Alarm;
  #connection: Connection;
  #told = new Set<string>();
  #quiet: (() => void) | null = null;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.alarm = new Alarm(connection.serverNow, calls);
  }

  /** What a view says of calls, once it stands on the page. */
  follow(escalations: readonly ClinicianEscalation[]): void {
    const mine = escalations.filter((e) => e.callsMe);
    const notice = { title: m.onc_notice_title(), body: m.onc_notice_body() };
    this.alarm.follow(mine.flatMap((e) => (e.dueAt ? [{ id: ringOf(e), expiresAt: e.dueAt, ...notice }] : [])));
    if (mine.length > 0) this.#quiet ??= wake();
    else this.#hush();
    for (const e of mine) void this.#shown(e);
  }

  destroy(): void {
    this.#hush();
    this.alarm.destroy();
  }

  #hush(): void {
    this.#quiet?.();
    this.#quiet = null;
  }

  /** A page that nobody can see or hear has shown nothing; it says so with a later view. */
  async #shown(e: ClinicianEscalation): Promise<void> {
    const ring = ringOf(e);
    if (this.#told.has(ring) || (document.hidden && this.alarm.sound !== 'ready')) return;
    this.#told.add(ring);
    const answer = await this.#connection.call('page.shown', { escalationId: e.id });
    if (!answer.ok && answer.refusal.retryable) this.#told.delete(ring);
  }
}

function wake(): () => void {
  const ends = [stayAwake(), flashTitle(m.onc_title_ringing())];
  return () => ends.forEach((end) => end());
}
