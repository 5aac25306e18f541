import * as z from 'zod/mini';

const mostInName = 40;

/** What a caller chose to be called: 1 to 40 code points with something to be seen, without NUL. */
export const CallerName = z.string().check(
  z.minLength(1),
  z.refine((name) => [...name].length <= mostInName && name.trim() === name && !name.includes('\0')),
);
/** `version` is that of the consent text that was read; an older one is refused, so that nobody agrees to another text. */
export const GiveConsent = z.strictObject({
  lineSlug: z.string().check(z.maxLength(64)),
  version: z.int(),
  name: z.nullable(CallerName),
});
export type GiveConsent = z.infer<typeof GiveConsent>;
/** Five words; case, spaces and hyphens do not matter. */
export const UseReturnCode = z.strictObject({ code: z.string().check(z.minLength(1), z.maxLength(200)) });
