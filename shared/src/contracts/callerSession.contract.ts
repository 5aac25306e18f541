import * as z from 'zod/mini';
import { hasSomethingToSee } from '../domain/messageText.ts';
import { Words } from './ids.ts';

const mostInName = 40;

/** What a caller chose to be called: 1 to 40 code points with something to be seen, without NUL. */
export const CallerName = Words(mostInName * 2).check(
  z.minLength(1),
  z.refine((name) => [...name].length <= mostInName && name.trim() === name && hasSomethingToSee(name)),
);
/** `version` is that of the consent text that was read; an older one is refused, so that nobody agrees to another text. */
export const GiveConsent = z.strictObject({
  lineSlug: Words(64),
  version: z.int(),
  name: z.nullable(CallerName),
});
export type GiveConsent = z.infer<typeof GiveConsent>;
/** Five words; case, spaces and hyphens do not matter. */
export const UseReturnCode = z.strictObject({ code: Words(200).check(z.minLength(1)) });
