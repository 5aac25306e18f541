import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanForDisplay, judgeText, maxBytes, maxCodePoints } from './messageText.ts';

test.each([
  ['', 'message.empty'],
  ['   \n\t', 'message.empty'],
  ['\u200b\u200d\ufeff', 'message.empty'],
  ['\u3164\ufe0f\u2800\u{e0020}', 'message.empty'],
  ['a\0b', 'message.nul'],
  ['x'.repeat(maxCodePoints + 1), 'message.tooLong'],
  ['👨‍👩‍👧‍👦'.repeat(700), 'message.tooLong'],
])('[MT1] refused: %j', (typed, code) => expect(judgeText(typed)).toEqual({ ok: false, code }));
test.each([
  ['x'.repeat(maxCodePoints), 'x'.repeat(maxCodePoints)],
  [' hi  there ', 'hi  there'],
  ['a\ud800b', 'a\ufffdb'],
  ['\ufe0f❤️', '\ufe0f❤️'],
  ['👨‍👩‍👧', '👨‍👩‍👧'],
  ['<b>&', '<b>&'],
  ['a\u202eb', 'a\u202eb'],
])('[MT1] kept: %j', (typed, text) => expect(judgeText(typed)).toEqual({ ok: true, text }));
test.each([
  ['a\0b', 'ab'],
  ['a\udc00', 'a\ufffd'],
  [`e${'\u0301'.repeat(30)}x`, `e${'\u0301'.repeat(8)}x`],
  ['x'.repeat(maxCodePoints + 1), `${'x'.repeat(maxCodePoints)}…`],
  ['नमस्ते 👩🏽‍🚀', 'नमस्ते 👩🏽‍🚀'],
])('[MT2] shown: %j', (opened, shown) => expect(cleanForDisplay(opened)).toBe(shown));
test('[MT2] what was accepted here is shown as it was written, but for piled-up marks', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (s) => {
      const j = judgeText(s);
      return !j.ok || /\p{M}{9}/u.test(j.text) || cleanForDisplay(j.text) === j.text;
    }),
  ));
test('[MT2] anything that was opened can be shown: well-formed, bounded, without NUL or piled-up marks', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 6000 }), (s) => {
      const shown = cleanForDisplay(s);
      return (
        shown.isWellFormed() &&
        !shown.includes('\0') &&
        [...shown].length <= maxCodePoints + 1 &&
        !/\p{M}{9}/u.test(shown)
      );
    }),
    { numRuns: 30 },
  ));
test('[MT1] what is accepted is within both limits', () =>
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 5000 }), (s) => {
      const j = judgeText(s);
      return !j.ok || (new TextEncoder().encode(j.text).length <= maxBytes && j.text.length > 0);
    }),
  ));
