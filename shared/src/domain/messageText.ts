/** The limits of one message: what a person may write, and what its encoding may take. */
export const maxCodePoints = 4000;
export const maxBytes = 16_000;

// fillers, joiners, variation selectors and tags are all default-ignorable; an empty braille cell is not, and is blank
const nothingSeen = /^[\s\p{Default_Ignorable_Code_Point}\u2800]*$/u;
/** Whether there is more in it than spaces and characters without a shape. */
export const hasSomethingToSee = (text: string): boolean => !nothingSeen.test(text);
const zalgo = /(\p{M}{8})\p{M}+/gu;
const nul = /\u0000/g;

export type Judged =
  { ok: true; text: string } | { ok: false; code: 'message.empty' | 'message.tooLong' | 'message.nul' };

/**
 * [MT1] What a person typed, before it is sealed (B3): lone surrogates are replaced, NUL and messages in which nothing
 * can be seen are refused, length is judged in code points and in bytes. Words inside stay as they were typed.
 */
export function judgeText(typed: string): Judged {
  const text = typed.toWellFormed().trim();
  if (!hasSomethingToSee(text)) return { ok: false, code: 'message.empty' };
  if (text.includes('\0')) return { ok: false, code: 'message.nul' };
  if ([...text].length > maxCodePoints || new TextEncoder().encode(text).length > maxBytes)
    return { ok: false, code: 'message.tooLong' };
  return { ok: true, text };
}

/** [MT2] What somebody else's browser sealed, before it is shown: it may have skipped every rule. Bidi is CSS's job (`unicode-bidi: isolate`). */
export function cleanForDisplay(opened: string): string {
  const points = [...opened.toWellFormed().replace(nul, '').replace(zalgo, '$1')];
  return points.length > maxCodePoints ? `${points.slice(0, maxCodePoints).join('')}…` : points.join('');
}
