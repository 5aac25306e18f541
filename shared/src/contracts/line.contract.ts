import * as z from 'zod/mini';
import { MeansKind } from './escalation.contract.ts';
import { TalkChannel } from './ids.ts';
import { Calls } from './media.contract.ts';

/** Local wall-clock time of the line, 24 h, "HH:MM"; "24:00" is the end of a day. */
const LocalTime = z.string().check(z.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/));
const Text = (max: number) => z.string().check(z.minLength(1), z.maxLength(max));

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export const Weekday = z.enum(weekdays);
export type Weekday = z.infer<typeof Weekday>;

export const OpenSpan = z.strictObject({ from: LocalTime, to: LocalTime });
export type OpenSpan = z.infer<typeof OpenSpan>;

export const CrisisContact = z.strictObject({
  label: Text(60),
  /** tel:, sms: or https: link. */
  href: z
    .string()
    .check(z.regex(/^(?:tel:[+\d*#-]{2,20}|sms:[+\d]{2,20}(?:\?body=[\w%]{1,40})?|https:\/\/[^\s"'<>]{3,200})$/)),
});

export const SurveyQuestion = z.strictObject({
  key: z.enum(['heard', 'hope', 'connection']),
  text: Text(120),
  low: Text(40),
  high: Text(40),
});

/** Who is called for a clinician, in turn, and what a peer does meanwhile. */
export const Escalation = z.strictObject({
  steps: z
    .array(
      z.strictObject({
        /** Name of a layer of the roster. */
        layer: Text(40),
        /** Until the next step is called. */
        seconds: z._default(z.int().check(z.gte(10), z.lte(900)), 60),
        /** Calls of this step before it climbs. */
        times: z._default(z.int().check(z.gte(1), z.lte(5)), 1),
        /** By which means; left out: by all that the person has. */
        means: z.optional(z.array(MeansKind).check(z.minLength(1), z.maxLength(6))),
      }),
    )
    .check(z.minLength(1), z.maxLength(10)),
  /** Who says "I'm on it" has so long to join; then the next one is called. */
  joinSeconds: z._default(z.int().check(z.gte(30), z.lte(1800)), 180),
  /** So long a caller is asked whether a clinician may join. */
  askSeconds: z._default(z.int().check(z.gte(30), z.lte(1800)), 300),
  /** Whether the caller is also told in the talk that the peer gets advice; the panel always says so. */
  announceConsult: z._default(z.boolean(), false),
  /** What a peer does when a life is at risk, and when nobody answers: the line's written protocol. */
  protocol: z.array(Text(300)).check(z.minLength(1), z.maxLength(12)),
});
export type Escalation = z.infer<typeof Escalation>;

/** The whole of what a line is: what the line file holds (`npm run line -- import <file>`), and what a line's row keeps. */
export const LineConfig = z.strictObject({
  slug: z.string().check(z.regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/)),
  name: Text(80),
  /** Neutral word for the window title and the home screen. */
  shortName: Text(20),
  language: z._default(z.string().check(z.regex(/^[a-z]{2}(?:-[A-Z]{2})?$/)), 'en'),
  timeZone: Text(60),
  about: Text(400),
  whoAnswers: z.array(Text(240)).check(z.minLength(1), z.maxLength(6)),
  hours: z.partialRecord(Weekday, z.array(OpenSpan).check(z.maxLength(4))),
  /** Local dates (YYYY-MM-DD) on which the line keeps other hours; an empty list means closed. */
  holidays: z._default(z.record(z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/)), z.array(OpenSpan)), {}),
  /** New talks stop this many minutes before closing. */
  intakeStopsMinutes: z._default(z.int().check(z.gte(0), z.lte(240)), 30),
  crisis: z
    .array(
      z.strictObject({
        country: z.string().check(z.regex(/^[A-Z]{2}$/)),
        countryName: Text(60),
        contacts: z.array(CrisisContact).check(z.minLength(1), z.maxLength(6)),
      }),
    )
    .check(z.minLength(1), z.maxLength(60)),
  otherLines: z._default(z.array(z.strictObject({ name: Text(80), about: Text(160), contact: CrisisContact })), []),
  consent: z.strictObject({
    version: z.int().check(z.gte(1)),
    since: z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/)),
    /** Plain sentences: [bold start, rest]. */
    points: z.array(z.strictObject({ lead: Text(120), text: Text(400) })).check(z.minLength(1), z.maxLength(8)),
    full: Text(8000),
  }),
  survey: z.array(SurveyQuestion).check(z.minLength(1), z.maxLength(3)),
  wrapUp: z.strictObject({
    topics: z.array(Text(60)).check(z.minLength(1), z.maxLength(30)),
    outcomes: z.array(Text(60)).check(z.minLength(1), z.maxLength(15)),
  }),
  /** Whom a peer can bring in. A line without it promises no clinician. */
  escalation: z.optional(Escalation),
  /** It is a program under 42 CFR Part 2 of this name: nothing is disclosed to another organisation without consent (CS4). */
  part2: z.optional(z.strictObject({ program: Text(120) })),
  crisisCard: z.array(Text(300)).check(z.minLength(1), z.maxLength(12)),
  offerSeconds: z._default(z.int().check(z.gte(10), z.lte(120)), 25),
  retentionDays: z._default(z.int().check(z.gte(1), z.lte(365)), 30),
  maxWaiting: z._default(z.int().check(z.gte(1), z.lte(100_000)), 200),
  targetWaitMinutes: z._default(z.int().check(z.gte(1), z.lte(240)), 10),
  /** What callers can ask for. */
  channels: z._default(z.array(TalkChannel).check(z.minLength(1), z.maxLength(3)), ['chat', 'voice', 'video']),
  chatsPerPeer: z._default(z.int().check(z.gte(1), z.lte(6)), 2),
  wrapUpMinutes: z._default(z.int().check(z.gte(1), z.lte(60)), 5),
  /** Minutes of rest after a wrap-up with strain 1 to 5. */
  restMinutes: z._default(z.array(z.int().check(z.gte(0), z.lte(240))).check(z.length(5)), [0, 0, 5, 20, 30]),
});
export type LineConfig = z.infer<typeof LineConfig>;

export const OpenState = z.discriminatedUnion('state', [
  /** Somebody can answer: the chat button is offered. Times are UTC instants. */
  z.strictObject({ state: z.literal('open'), closesAt: z.nullable(z.string()), intakeStopsAt: z.nullable(z.string()) }),
  /** Within hours, but no peer is on shift. */
  z.strictObject({ state: z.literal('nobodyHere'), closesAt: z.nullable(z.string()) }),
  /** Within hours, but the last new talk has started. */
  z.strictObject({ state: z.literal('closingSoon'), closesAt: z.string(), opensAt: z.nullable(z.string()) }),
  z.strictObject({ state: z.literal('closed'), opensAt: z.nullable(z.string()) }),
  /** Something of ours is down, so nobody can be promised anything: numbers to call, no button (F13, F15). */
  z.strictObject({ state: z.literal('unreachable') }),
]);
export type OpenState = z.infer<typeof OpenState>;

/** What any visitor may know of a line. */
export const PublicLine = z.strictObject({
  id: z.uuid(),
  open: OpenState,
  calls: Calls,
  /** What peers on shift take, in the order chat, voice, video. */
  taken: z.array(TalkChannel),
  config: z.pick(LineConfig, {
    slug: true,
    name: true,
    shortName: true,
    language: true,
    timeZone: true,
    about: true,
    whoAnswers: true,
    hours: true,
    holidays: true,
    intakeStopsMinutes: true,
    crisis: true,
    otherLines: true,
    consent: true,
    survey: true,
    channels: true,
    retentionDays: true,
  }),
});
export type PublicLine = z.infer<typeof PublicLine>;
