import type { CallFace } from '#lib/media/media.ts';
import { m } from '#lib/paraglide/messages.js';

/** How the call that goes on behind the lock is right now, without a name. */
export function lockWords({ stage, parties }: Pick<CallFace, 'stage' | 'parties'>): string {
  switch (stage) {
    case 'in':
      return parties.length > 0 ? m.staff_lock_call() : m.staff_lock_call_alone();
    case 'joining':
      return m.call_joining();
    case 'reconnecting':
      return m.staff_lock_call_reconnecting();
    case 'dropped':
      return m.staff_lock_call_dropped();
    case 'none':
    case 'ready':
    case 'away':
    case 'refused':
      return m.staff_lock_call_left();
  }
}
