import type { RosterView } from '@hearthline/shared/contracts/onCall';
import type { BoardView, ClinicianView, DeskView } from '@hearthline/shared/contracts/views';
import { Connection, type LinkState } from '#lib/realtime/connection.svelte.ts';

const sessionCheckMs = 10_000;

/** The connection as the staff pages see it. While it is down it asks whether the session is still there, so that nobody waits for a line that will never take them back. */
export class StaffLive {
  readonly connection = new Connection('staff');
  lastAt = $state<number | null>(null);
  #signedOut = $state(false);
  #timer: ReturnType<typeof setInterval> | undefined;

  get state(): LinkState {
    return this.#signedOut ? 'gone' : this.connection.state;
  }
  serverNow = () => this.connection.serverNow();
  onDesk = (take: (view: DeskView) => void) => this.connection.on('desk.view', (view) => this.#heard(take, view));
  onClinician = (take: (view: ClinicianView) => void) =>
    this.connection.on('clinician.view', (view) => this.#heard(take, view));
  onBoard = (take: (view: BoardView) => void) => this.connection.on('board.view', (view) => this.#heard(take, view));
  onRoster = (take: (view: RosterView) => void) => this.connection.on('roster.view', (view) => this.#heard(take, view));

  start(): void {
    this.connection.open();
    this.#timer = setInterval(() => void this.#checkSession(), sessionCheckMs);
  }

  destroy(): void {
    clearInterval(this.#timer);
    this.connection.close();
  }

  #heard<T>(take: (view: T) => void, view: T) {
    this.lastAt = this.serverNow();
    take(view);
  }

  async #checkSession(): Promise<void> {
    if (this.state === 'live') {
      this.lastAt = this.serverNow();
      return;
    }
    if (this.state === 'offline' || this.state === 'gone') return;
    try {
      const answer = await fetch('/api/auth/get-session', { credentials: 'same-origin' });
      if (answer.status === 401 || (answer.ok && (await answer.json()) === null)) this.#signedOut = true;
    } catch {
      /* the line itself is down: keep trying */
    }
  }
}
