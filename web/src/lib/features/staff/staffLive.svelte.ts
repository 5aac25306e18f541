import type { BoardView, DeskView } from '@hearthline/shared/contracts/views';
import { Connection } from '#lib/realtime/connection.svelte.ts';
import type { Call, LinkState } from './live.ts';

/** The connection as the staff pages see it: its state in five words, and each view asked for again after every break. */
export class StaffLive {
  readonly connection = new Connection('staff');
  started = $state(false);
  lastAt = $state<number | null>(null);
  readonly state: LinkState = $derived(this.connection.state);

  call: Call = (door, input) => this.connection.call(door, input);
  serverNow = () => this.connection.serverNow();
  onDesk = (take: (view: DeskView) => void) => this.connection.on('desk.view', (view) => { this.lastAt = this.serverNow(); take(view); });
  onBoard = (take: (view: BoardView) => void) => this.connection.on('board.view', (view) => { this.lastAt = this.serverNow(); take(view); });

  start() { this.started = true; this.connection.open(); }
  destroy() { this.connection.close(); }
}
