import * as z from 'zod/mini';

/** Random ids (UUID). Ids are clear everywhere: they say nothing about a person. */
export const Id = z.uuid();
/** Made by the sender of a command, so that a repeat has the same answer and no second effect (I21). */
export const CommandId = z.uuid();
/** UTC instant, ISO 8601 with milliseconds. */
export const Instant = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/));
/** Number of a message inside its conversation, gapless from 1; 0 means "none yet". */
export const Seq = z.int().check(z.gte(0), z.lte(Number.MAX_SAFE_INTEGER));
export const Epoch = z.int().check(z.gte(1), z.lte(1_000_000));
/** What a person wrote outside of a message: no NUL, which not every store can hold; half a character is replaced (B3). */
export const Words = (most: number) =>
  z.string().check(
    z.maxLength(most),
    z.refine((text) => !text.includes('\0')),
    z.overwrite((text) => text.toWellFormed()),
  );
export const Channel = z.enum(['chat', 'voice', 'video', 'phone']);
export type Channel = z.infer<typeof Channel>;
/** What a caller on a page can ask for, and what a conversation can be changed into. */
export const TalkChannel = z.enum(['chat', 'voice', 'video']);
export type TalkChannel = z.infer<typeof TalkChannel>;
export const Role = z.enum(['peer', 'clinician', 'coordinator', 'administrator']);
export type Role = z.infer<typeof Role>;
