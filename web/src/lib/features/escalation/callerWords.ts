import type { CallerEscalation } from '@hearthline/shared/contracts/escalation';
import { m } from '#lib/paraglide/messages.js';
import { named } from './clinicianWords.ts';

/** "Ana, nurse"; "a clinician" while nobody is known. */
export const whoComes = ({ clinician }: CallerEscalation): string =>
  clinician ? named(clinician) : m.caller_clin_somebody();

/** The name alone, inside a sentence. */
export const nameOf = ({ clinician }: CallerEscalation): string => clinician?.name ?? m.caller_clin_somebody();

/** Where it stands, in one sentence for the caller. Of advice for the peer the page itself speaks. */
export function callerWords(e: CallerEscalation, peer: string): string {
  const name = nameOf(e);
  if (e.kind === 'consult') return '';
  switch (e.state) {
    case 'asking':
      return m.caller_clin_would({ peer });
    case 'paging':
      if (!e.before) return e.kind === 'safety' ? '' : m.caller_clin_calling({ name, peer });
      return e.before.answered
        ? m.caller_clin_cannot({ before: e.before.name, name, peer })
        : m.caller_clin_late({ before: e.before.name, name, peer });
    case 'acknowledged':
      return m.caller_clin_coming({ name, peer });
    case 'joined':
      return m.caller_clin_joined({ name: whoComes(e) });
    case 'exhausted':
      return m.caller_clin_exhausted({ peer });
    case 'left':
    case 'refused':
    case 'unanswered':
    case 'withdrawn':
    case 'closed':
      return '';
  }
}

/** What the peer asked for without the caller's yes is always said. */
export function safetyWords({ kind, state, clinician }: CallerEscalation, peer: string): string {
  if (kind !== 'safety' || state === 'joined' || !clinician) return '';
  const { name, title } = clinician;
  return title ? m.caller_clin_safety_titled({ peer, name, title }) : m.caller_clin_safety({ peer, name });
}
