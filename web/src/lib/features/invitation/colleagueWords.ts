import type { CallerInvitation } from '@hearthline/shared/contracts/invitation';
import { m } from '#lib/paraglide/messages.js';

/** Who would come, inside a sentence. */
export const nameOf = ({ colleague, lineName, purpose }: CallerInvitation): string => {
  if (colleague) return colleague.name;
  if (purpose === 'help') return m.caller_coll_coordinator();
  return lineName ? m.caller_coll_of_line({ line: lineName }) : m.caller_coll_somebody();
};

/** Where it stands, in one sentence for the caller. @param peer who asks */
export function askWords(i: CallerInvitation, peer: string): string {
  const of = { peer, name: nameOf(i) };
  if (i.state === 'ringing') return m.caller_coll_ringing(of);
  const would = { join: m.caller_coll_would_join, takeOver: m.caller_coll_would_take, help: m.caller_coll_would_help };
  return would[i.purpose](of);
}

/** Who it would be and what they would do, before the caller says anything. */
export function comesWords({ purpose, colleague, lineName: line }: CallerInvitation, peer: string): string {
  if (purpose === 'help') return colleague ? m.caller_coll_help() : m.caller_coll_help_any();
  if (purpose === 'join') return colleague ? m.caller_coll_join({ peer }) : m.caller_coll_join_any({ peer });
  if (line) return m.caller_coll_take_line({ peer, line });
  return colleague ? m.caller_coll_take({ peer, name: colleague.name }) : m.caller_coll_take_any({ peer });
}
