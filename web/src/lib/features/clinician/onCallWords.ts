import type { ClinicianEscalation, Disposition, EscalationKind } from '@hearthline/shared/contracts/escalation';
import type { Channel } from '@hearthline/shared/contracts/ids';
import type { OwnOnCall } from '@hearthline/shared/contracts/onCall';
import { m } from '#lib/paraglide/messages.js';

type OfPeer = (inputs: { name: string }) => string;

/** Each record names every state there is, so that a new one without a word breaks the build. */
const headings: Record<EscalationKind, OfPeer> = {
  consult: m.onc_head_consult,
  handOff: m.onc_head_hand_off,
  safety: m.onc_head_safety,
};
const withThem: Record<Channel, OfPeer> = {
  chat: m.onc_with_chat,
  voice: m.onc_with_voice,
  video: m.onc_with_video,
  phone: m.onc_with_phone,
};
export const dispositionWord: Record<Disposition, () => string> = {
  advised: m.onc_out_advised,
  staysWithPeer: m.onc_out_stays,
  tookOver: m.onc_out_took_over,
  emergency: m.onc_out_emergency,
  referred: m.onc_out_referred,
  callerLeft: m.onc_out_caller_left,
  other: m.onc_out_other,
};

export const peerOf = (e: ClinicianEscalation): string => e.peer?.name ?? m.onc_the_peer();
export const heading = (e: ClinicianEscalation): string => headings[e.kind]({ name: peerOf(e) });

/** What may be said on a locked screen: nothing that a caller wrote. */
export function situation(e: ClinicianEscalation): string {
  const where = withThem[e.channel]({ name: peerOf(e) });
  if (e.kind === 'consult') return `${where} ${m.onc_consult()}`;
  if (e.kind === 'safety') return `${where} ${m.onc_safety()}`;
  return `${where} ${e.raisedBy === 'caller' ? m.onc_asked_themselves() : m.onc_said_yes()}`;
}

/** "52 s", "2 min 40 s". */
export function leftWords(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return m.onc_seconds({ s: seconds });
  return seconds % 60 === 0 ? m.onc_minutes({ n: minutes }) : m.onc_minutes_seconds({ n: minutes, s: seconds % 60 });
}

export const joinWord = (e: ClinicianEscalation): string => {
  if (e.kind === 'consult') return m.onc_join_consult({ name: peerOf(e) });
  return e.channel === 'chat' ? m.onc_join_chat() : m.onc_join_call();
};

const dayTime = new Intl.DateTimeFormat(undefined, {
  weekday: 'long',
  day: 'numeric',
  month: 'short',
  hour: 'numeric',
  minute: '2-digit',
});
export const dayTimeOf = (instant: string): string => dayTime.format(Date.parse(instant));
export const runsNow = (one: OwnOnCall, now: number): boolean =>
  Date.parse(one.from) <= now && now < Date.parse(one.until);
