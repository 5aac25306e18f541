import type { Colleagues, InvitationState, TalkInvitation } from '@hearthline/shared/contracts/invitation';
import type { DeskConversation } from '@hearthline/shared/contracts/views';
import { m } from '#lib/paraglide/messages.js';

/** Words of an invitation for whoever asked. Each record names every state there is, so that a new one without a word breaks the build. */
export const nowWord: Record<Colleagues['peers'][number]['now'], () => string> = {
  free: m.invite_now_free,
  busy: m.invite_now_busy,
  resting: m.invite_now_resting,
  break: m.invite_now_break,
  away: m.invite_now_away,
};

/** Who is asked, inside a sentence. @param line the one of the reader */
function whom({ colleague, lineName, purpose }: TalkInvitation, line: string): string {
  if (colleague) return colleague.name;
  if (purpose === 'help') return m.invite_whom_coordinator();
  return lineName && lineName !== line ? m.invite_whom_line({ line: lineName }) : m.invite_whom_any();
}

const askingWord = { join: m.invite_asking_join, takeOver: m.invite_asking_take, help: m.invite_asking_help };
const ringingWord = { join: m.invite_ringing_join, takeOver: m.invite_ringing_take, help: m.invite_ringing_help };

/** Where it stands, in one sentence. @param who the caller */
export function stateWords(i: TalkInvitation, who: string, line: string): string {
  const name = whom(i, line);
  const words: Record<InvitationState, () => string> = {
    asking: () => askingWord[i.purpose]({ who, name }),
    ringing: () => ringingWord[i.purpose]({ name }),
    joined: () => (i.purpose === 'takeOver' ? m.invite_taken({ name }) : m.invite_joined({ name })),
    refused: () => m.invite_refused({ who }),
    unanswered: () => m.invite_unanswered({ who }),
    returned: () => (i.lineName ? m.invite_returned() : m.invite_returned_one({ name })),
    withdrawn: m.invite_withdrawn,
  };
  return words[i.state]();
}

/** What happens by itself when the time is over; null where nothing does. @param left as "1:20" */
export function leftWords({ state, lineName }: TalkInvitation, left: string): string | null {
  if (state === 'asking') return m.invite_asking_left({ left });
  if (state !== 'ringing') return null;
  return lineName ? m.invite_ringing_left({ left }) : m.invite_ringing_left_one({ left });
}

export const isOver = ({ state }: Pick<TalkInvitation, 'state'>): boolean => state !== 'asking' && state !== 'ringing';

/**
 * What a talk's pane tells of its last invitation: not to whoever was asked, not once they who came have left, and how it ended
 * until that has been read. @returns null: nothing
 */
export function toldOf(
  { invitation: i, me, parties }: Pick<DeskConversation, 'invitation' | 'me' | 'parties'>,
  read: { has: (id: string) => boolean },
): TalkInvitation | null {
  if (!i || i.colleague?.id === me) return null;
  if (i.state === 'joined' && !parties.some(({ id }) => id === i.colleague?.id)) return null;
  return isOver(i) && read.has(i.id) ? null : i;
}
