import * as z from 'zod/mini';
import { MeansKind, StaffNamed } from './escalation.contract.ts';
import { CommandId, Id, Instant, Words } from './ids.ts';

const Text = (max: number) => z.string().check(z.minLength(1), z.maxLength(max));

/** Wall clock of the rotation's zone, without an offset. */
export const LocalDateTime = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/));

/** Who is on in turn: the first from `starts`, the next from each hand-over on. */
export const Rotation = z.strictObject({
  id: Id,
  timeZone: Text(60),
  starts: LocalDateTime,
  /** Of the hand-overs: an RFC 5545 rule without DTSTART, e.g. `FREQ=WEEKLY;BYDAY=MO`. */
  recurrence: Text(200),
  /** Minutes of wall clock from each hand-over; null: until the next one. */
  minutes: z.nullable(z.int().check(z.gte(15), z.lte(44_640))),
  staffIds: z.array(Id).check(z.minLength(1), z.maxLength(50)),
});
export type Rotation = z.infer<typeof Rotation>;

export const Override = z.strictObject({
  id: Id,
  from: Instant,
  until: Instant,
  /** Null: nobody is on. */
  staffId: z.nullable(Id),
});
export type Override = z.infer<typeof Override>;

export const Layer = z.strictObject({
  id: Id,
  name: Words(40).check(z.minLength(1)),
  rotations: z.array(Rotation).check(z.maxLength(20)),
  overrides: z.array(Override),
});
export type Layer = z.infer<typeof Layer>;

/** A span of a layer with one person, or with nobody. */
export const OnCallSpan = z.strictObject({ from: Instant, until: Instant, staffId: z.nullable(Id) });
export type OnCallSpan = z.infer<typeof OnCallSpan>;

/** unreachable: on the roster, but without a means that rang and was heard. */
export const RosterStaff = z.strictObject({
  id: Id,
  name: z.string(),
  title: z.nullable(z.string()),
  reachable: z.boolean(),
  /** False: on the roster still, but no clinician of this line any more. */
  onLine: z.boolean(),
});
export type RosterStaff = z.infer<typeof RosterStaff>;

/** The roster of one line, for who runs it and for its clinicians. */
export const RosterView = z.strictObject({
  now: Instant,
  lineId: Id,
  lineName: z.string(),
  timeZone: z.string(),
  staff: z.array(RosterStaff),
  layers: z.array(z.extend(Layer, { spans: z.array(OnCallSpan) })),
  /** Times within the next 14 days at which nobody on the ladder could be called, soonest first. */
  gaps: z.array(z.strictObject({ from: Instant, until: Instant })),
  /** Layer names that the line's ladder asks for and the roster lacks. */
  missingLayers: z.array(z.string()),
  /** The line's ladder; empty: the line promises no clinician. */
  steps: z.array(z.strictObject({ layer: z.string(), seconds: z.int(), times: z.int() })),
  /** Of layers and rotations: what a save has to name, so that nobody undoes what they have not seen. */
  version: z.string(),
  can: z.array(z.enum(['roster.change'])),
});
export type RosterView = z.infer<typeof RosterView>;

/** Layers of a line as they are from now on, in their order; a layer left out goes. Overrides stay with their layer. */
export const SaveRoster = z.strictObject({
  commandId: CommandId,
  lineId: Id,
  /** Of the view that was changed. */
  version: z.string().check(z.regex(/^[\w-]{22}$/)),
  layers: z.array(z.omit(Layer, { overrides: true })).check(z.maxLength(8)),
});
export type SaveRoster = z.infer<typeof SaveRoster>;

export const AddOverride = z.strictObject({
  commandId: CommandId,
  layerId: Id,
  from: Instant,
  until: Instant,
  staffId: z.nullable(Id),
});
export type AddOverride = z.infer<typeof AddOverride>;

export const RemoveOverride = z.strictObject({ commandId: CommandId, overrideId: Id });
export type RemoveOverride = z.infer<typeof RemoveOverride>;

/** A way to reach oneself, as its owner sees it. The address is shown shortened. */
export const OwnMeans = z.strictObject({
  id: Id,
  kind: MeansKind,
  label: z.string(),
  verified: z.boolean(),
  /** Of the last "ring me now". */
  test: z.nullable(z.strictObject({ state: z.enum(['sending', 'sent', 'heard', 'failed']), at: Instant })),
});
export type OwnMeans = z.infer<typeof OwnMeans>;

const Label = Words(60).check(z.minLength(1));

/** A new means; which fields count goes with its kind. */
export const AddMeans = z.strictObject({
  commandId: CommandId,
  label: Label,
  way: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('alarm') }),
    z.strictObject({
      kind: z.literal('push'),
      endpoint: z.string().check(z.regex(/^https:\/\/[!#-&(-;=?-~]{3,1000}$/)),
      p256dh: z.string().check(z.regex(/^[\w-]{80,100}$/)),
      auth: z.string().check(z.regex(/^[\w-]{20,30}$/)),
    }),
    z.strictObject({
      kind: z.literal('mail'),
      address: z
        .string()
        .check(
          z.maxLength(254),
          z.regex(/^[\w!#$%&'*+/=?^`{|}~.-]{1,64}@(?:[a-zA-Z\d-]{1,63}\.){1,8}[a-zA-Z\d-]{2,63}$/),
        ),
    }),
    z.strictObject({
      kind: z.enum(['sms', 'voice', 'webhook']),
      /** E.164 */
      number: z.string().check(z.regex(/^\+[1-9]\d{6,14}$/)),
    }),
  ]),
});
export type AddMeans = z.infer<typeof AddMeans>;

export const OfMeans = z.strictObject({ commandId: CommandId, meansId: Id });
export type OfMeans = z.infer<typeof OfMeans>;

/**
 * "It arrived": by the id that only the message itself carries (a link, a notice), or for a means by the code that it said.
 * The alarm in open pages needs no code.
 */
export const HeardPage = z.strictObject({
  commandId: CommandId,
  pageId: z.optional(Id),
  meansId: z.optional(Id),
  code: z.optional(z.string().check(z.regex(/^\d{4}$/))),
});
export type HeardPage = z.infer<typeof HeardPage>;

/** How its owner is reached. */
export const MeansView = z.strictObject({
  now: Instant,
  means: z.array(OwnMeans),
  /** The ways that this installation can send. */
  offered: z.array(MeansKind),
  /** What a browser needs to take notices from us. */
  pushKey: z.nullable(z.string()),
});
export type MeansView = z.infer<typeof MeansView>;

/** When a person is on call: now, and what comes. */
export const OwnOnCall = z.strictObject({
  lineId: Id,
  lineName: z.string(),
  layer: z.string(),
  from: Instant,
  until: Instant,
});
export type OwnOnCall = z.infer<typeof OwnOnCall>;
export { StaffNamed };
