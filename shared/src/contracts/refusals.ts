import * as z from 'zod/mini';

/**
 * Every refusal there is: a stable code, the HTTP status it travels with, whether the same call may succeed later,
 * and a plain sentence for the person. A record that is not yours looks exactly like one that is not there.
 */
export const refusals = {
  'input.malformed': { status: 400, retryable: false, message: 'We could not read that.' },
  'input.tooLarge': { status: 413, retryable: false, message: 'That is too long to send.' },
  'auth.required': { status: 401, retryable: false, message: 'Please sign in first.' },
  'auth.factorRequired': { status: 403, retryable: false, message: 'Set up your one-time code first.' },
  'session.locked': { status: 403, retryable: false, message: 'Your screen is locked. Enter your one-time code.' },
  'access.denied': { status: 403, retryable: false, message: 'This is not open to you.' },
  'origin.refused': { status: 403, retryable: false, message: 'This call came from another page.' },
  'host.unknown': { status: 421, retryable: false, message: 'There is nothing here under that name.' },
  'door.unknown': { status: 404, retryable: false, message: 'There is nothing here.' },
  'rate.slowDown': { status: 429, retryable: true, message: 'That was a lot at once. Try again in a moment.' },
  'server.busy': { status: 503, retryable: true, message: 'One moment, please try again.' },
  'server.broke': {
    status: 500,
    retryable: true,
    message: 'Something broke on our side. Your place is safe. Try again.',
  },
  'command.conflict': { status: 409, retryable: false, message: 'This was already sent with other content.' },
  'consent.missing': { status: 409, retryable: false, message: 'Read what we keep first, then go on.' },
  'line.closed': { status: 409, retryable: false, message: 'The line is closed now.' },
  'line.nobodyHere': { status: 409, retryable: false, message: 'Nobody can answer right now.' },
  'line.full': { status: 503, retryable: true, message: 'The line is full right now.' },
  'line.gone': { status: 404, retryable: false, message: 'There is no such line.' },
  'request.gone': { status: 404, retryable: false, message: 'You are not in line any more.' },
  'request.tooMany': {
    status: 429,
    retryable: true,
    message: 'You asked several times. Wait a few minutes, then ask again.',
  },
  'offer.gone': { status: 409, retryable: false, message: 'Already passed on.' },
  'offer.expired': { status: 409, retryable: false, message: 'Already passed on. You are paused until you come back.' },
  'peer.noShift': { status: 409, retryable: false, message: 'Start your shift first.' },
  'peer.talking': { status: 409, retryable: false, message: 'End your conversations first.' },
  'peer.wrapUpDue': { status: 409, retryable: false, message: 'Finish the wrap-up first.' },
  'conversation.gone': { status: 404, retryable: false, message: 'This conversation is not here any more.' },
  'conversation.ended': { status: 409, retryable: false, message: 'This conversation has ended.' },
  'channel.same': { status: 409, retryable: false, message: 'You are talking like this already.' },
  'channel.gone': { status: 409, retryable: false, message: 'Nobody is asking any more.' },
  'channel.noRoom': {
    status: 409,
    retryable: true,
    message: 'A call needs the peer’s whole attention, and they are with someone else too. Go on in text for now.',
  },
  'channel.phone': { status: 409, retryable: false, message: 'They are on the telephone: there is sound only.' },
  'media.off': { status: 409, retryable: false, message: 'This line talks in text.' },
  'media.down': { status: 503, retryable: true, message: 'Calls do not work right now. You can go on in text.' },
  'media.taken': { status: 409, retryable: false, message: 'You are in this call on another page or device.' },
  'media.notCalling': { status: 409, retryable: false, message: 'This conversation is in text.' },
  'message.staleEpoch': { status: 409, retryable: true, message: 'The lock of this conversation has changed.' },
  'message.conflict': { status: 409, retryable: false, message: 'This message was already sent with other words.' },
  'escalation.notOffered': { status: 409, retryable: false, message: 'This line has no clinicians on call.' },
  'escalation.open': { status: 409, retryable: false, message: 'A clinician is being called already.' },
  'escalation.reasonMissing': {
    status: 409,
    retryable: false,
    message: 'Write why: it is needed when a life is at risk.',
  },
  'escalation.shareMissing': { status: 409, retryable: false, message: 'Choose what the clinician may see.' },
  'escalation.gone': { status: 404, retryable: false, message: 'Nobody is calling for you here any more.' },
  'escalation.taken': { status: 409, retryable: false, message: 'Somebody else has it already.' },
  'escalation.notYours': { status: 409, retryable: false, message: 'Say “I’m on it” first.' },
  'escalation.over': { status: 409, retryable: false, message: 'This is over already.' },
  'escalation.joined': { status: 409, retryable: false, message: 'The clinician is in the talk already.' },
  'escalation.notExhausted': { status: 409, retryable: false, message: 'Somebody is still being called.' },
  'consent.refused': { status: 409, retryable: false, message: 'Without the caller’s consent nothing is shared.' },
  'invitation.open': { status: 409, retryable: false, message: 'A colleague is being asked already.' },
  'invitation.gone': { status: 404, retryable: false, message: 'Nobody is asking you any more.' },
  'invitation.nobody': { status: 409, retryable: true, message: 'Nobody there can come right now.' },
  'party.full': { status: 409, retryable: false, message: 'There are as many in this call as it can hold.' },
  'disclosure.refused': {
    status: 403,
    retryable: false,
    message: 'They belong to another organisation, and the caller has not agreed to that.',
  },
  'party.gone': { status: 404, retryable: false, message: 'They are not in this talk.' },
  'party.away': { status: 409, retryable: false, message: 'Their connection is lost. Hand over when they are back.' },
  'party.last': { status: 409, retryable: false, message: 'Nobody else is with you. You can end the talk instead.' },
  'control.notYours': { status: 409, retryable: false, message: 'Somebody else holds this talk now.' },
  'roster.invalid': { status: 400, retryable: false, message: 'This roster cannot be read. Check times and rules.' },
  'roster.unknownStaff': { status: 409, retryable: false, message: 'Only clinicians of this line can be on call.' },
  'roster.stale': {
    status: 409,
    retryable: false,
    message: 'Somebody else changed the roster meanwhile. Look at it as it is now, then change it.',
  },
  'roster.gone': { status: 404, retryable: false, message: 'There is nothing like it on the roster.' },
  'measures.days': {
    status: 400,
    retryable: false,
    message:
      'Choose a first day that is not after the last one, 366 days at most, none that is still to come, and none of more than 400 days ago.',
  },
  'means.gone': { status: 404, retryable: false, message: 'There is no such way to reach you.' },
  'means.notOffered': {
    status: 409,
    retryable: false,
    message: 'This line cannot send that way. Ask an administrator.',
  },
  'means.tooMany': { status: 409, retryable: false, message: 'Remove one of your ways first.' },
  'wrapUp.gone': { status: 404, retryable: false, message: 'There is nothing to wrap up here.' },
  'survey.gone': { status: 404, retryable: false, message: 'There is nothing to answer here.' },
  'code.wrong': { status: 404, retryable: false, message: 'We do not know this code.' },
  'code.locked': { status: 429, retryable: true, message: 'Too many tries. Wait 15 minutes, then try again.' },
  'tab.elsewhere': { status: 409, retryable: false, message: 'Open in another tab.' },
} as const satisfies Record<string, { status: number; retryable: boolean; message: string }>;

export type RefusalCode = keyof typeof refusals;

/** What a refused call answers. `ref` finds the log line of a fault; it is there only for faults of ours. */
export const Refusal = z.strictObject({
  code: z.string(),
  message: z.string(),
  retryable: z.boolean(),
  ref: z.optional(z.string()),
});
export type Refusal = z.infer<typeof Refusal>;

export type Ok<T> = { ok: true; value: T };
export type Refused = { ok: false; code: RefusalCode };
export type Result<T> = Ok<T> | Refused;
export const ok = <T>(value: T): Ok<T> => ({ ok: true, value });
export const refuse = (code: RefusalCode): Refused => ({ ok: false, code });
