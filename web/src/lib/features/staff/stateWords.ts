import type { Channel } from '@hearthline/shared/contracts/ids';
import type { BoardView, DeskConversation, PeerState, Presence } from '@hearthline/shared/contracts/views';
import { m } from '#lib/paraglide/messages.js';

type Word = () => string;

/** Words of states. Each record names every state there is, so that a new state without a word breaks the build. */
export const channelWord: Record<Channel, Word> = {
  chat: m.staff_channel_chat,
  voice: m.staff_channel_voice,
  video: m.staff_channel_video,
  phone: m.staff_channel_phone,
};

export const presenceWord: Record<Presence, Word> = {
  here: m.staff_talk_presence_here,
  comingBack: m.staff_talk_presence_coming_back,
  away: m.staff_talk_presence_away,
};

export const peerStateWord: Record<PeerState, Word> = {
  available: m.staff_shift_state_available,
  break: m.staff_shift_state_break,
  minute: m.staff_shift_state_minute,
  finishing: m.staff_shift_state_finishing,
  paused: m.staff_shift_state_paused,
  off: m.staff_shift_state_off,
};

export const openWord: Record<BoardView['line']['open'], Word> = {
  open: m.staff_board_open_open,
  nobodyHere: m.staff_board_open_nobody_here,
  closingSoon: m.staff_board_open_closing_soon,
  closed: m.staff_board_open_closed,
};

export const callsWord: Record<BoardView['calls']['state'], Word> = {
  livekit: m.staff_board_media_livekit,
  direct: m.staff_board_media_direct,
  off: m.staff_board_media_off,
  down: m.staff_board_media_down,
};

export const endedWord: Record<NonNullable<DeskConversation['endedBy']>, Word> = {
  caller: m.staff_wrap_ended_caller,
  peer: m.staff_wrap_ended_peer,
  system: m.staff_wrap_ended_system,
};

/** "12 min", and from an hour on "1 h 5 min". */
export const lasting = (minutes: number): string =>
  minutes < 60
    ? m.staff_shift_lasting({ minutes })
    : m.staff_shift_lasting_hours({ hours: Math.floor(minutes / 60), minutes: minutes % 60 });
