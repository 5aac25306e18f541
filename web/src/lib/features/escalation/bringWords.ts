import type {
  AttemptState,
  DeskEscalation,
  EscalationKind,
  MeansKind,
  Share,
} from '@hearthline/shared/contracts/escalation';
import { m } from '#lib/paraglide/messages.js';

/** Words of an escalation for its peer. Each record names every state there is, so that a new one without a word breaks the build. */
export const meansWord: Record<MeansKind, () => string> = {
  alarm: m.bring_means_alarm,
  push: m.bring_means_push,
  mail: m.bring_means_mail,
  sms: m.bring_means_sms,
  voice: m.bring_means_voice,
  webhook: m.bring_means_webhook,
};

export const callWord: Record<AttemptState, () => string> = {
  due: m.bring_call_due,
  sending: m.bring_call_sending,
  sent: m.bring_call_sent,
  delivered: m.bring_call_delivered,
  failed: m.bring_call_failed,
  unknown: m.bring_call_unknown,
  acknowledged: m.bring_call_acknowledged,
  declined: m.bring_call_declined,
};

export const kindWord: Record<EscalationKind, () => string> = {
  consult: m.bring_kind_consult,
  handOff: m.bring_kind_hand_off,
  safety: m.bring_kind_safety,
};

export const shareWord: Record<Share, (of: { who: string }) => string> = {
  nothing: m.bring_share_nothing,
  summary: m.bring_share_summary,
  conversation: m.bring_share_conversation,
};

/** Where it stands, in one sentence. @param who the caller */
export function stateWords(e: DeskEscalation, who: string): string {
  const name = e.owner?.name ?? e.attempts.at(-1)?.name ?? m.bring_somebody();
  const words: Record<DeskEscalation['state'], () => string> = {
    asking: () => m.bring_asking({ who }),
    paging: () => m.bring_paging({ name }),
    acknowledged: () => m.bring_acknowledged({ name }),
    joined: () => (e.kind === 'consult' ? m.bring_joined_consult({ name }) : m.bring_joined({ name })),
    left: () => m.bring_left({ name }),
    exhausted: m.bring_exhausted,
    refused: () => m.bring_refused({ who }),
    unanswered: () => m.bring_unanswered({ who }),
    withdrawn: m.bring_withdrawn,
    closed: () => m.bring_closed({ name }),
  };
  return words[e.state]();
}

/** What happens by itself when the time is over; null where nothing does. @param left as "1:20" */
export function leftWords({ state }: DeskEscalation, left: string): string | null {
  if (state === 'asking') return m.bring_asking_left({ left });
  if (state === 'paging') return m.bring_paging_left({ left });
  return state === 'acknowledged' ? m.bring_acknowledged_left({ left }) : null;
}

/** Nothing stands in the way of another call (ES15). */
export const isOver = ({ state }: Pick<DeskEscalation, 'state'>): boolean =>
  state === 'left' || state === 'refused' || state === 'unanswered' || state === 'withdrawn' || state === 'closed';
