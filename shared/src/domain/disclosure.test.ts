import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { disclosureOf, isOutside } from './disclosure.ts';

const name = fc.constantFrom('Harbor', 'Lake', 'Hill');
const maybe = fc.option(name, { nil: null });
const asked = fc.record({
  program: maybe,
  organisation: maybe,
  theirProgram: maybe,
  consent: fc.boolean(),
  emergency: fc.boolean(),
});

describe('[S42][CS4] disclosures under 42 CFR Part 2', () => {
  test('a line that is no program discloses nothing, whoever comes', () =>
    fc.assert(fc.property(asked, (a) => disclosureOf({ ...a, program: null }) === 'free')));
  test('nobody of another organisation without a consent that stands, but where a life is at risk', () =>
    fc.assert(
      fc.property(asked, name, (a, program) => {
        const found = disclosureOf({ ...a, program });
        const outside = (a.organisation ?? a.theirProgram) !== program;
        expect(found).toBe(!outside ? 'free' : a.consent ? 'consent' : a.emergency ? 'emergency' : 'refused');
      }),
    ));
  test('whoever names no organisation is of the line through which they come', () => {
    expect(isOutside({ program: 'Harbor', organisation: null, theirProgram: 'Harbor' })).toBe(false);
    expect(isOutside({ program: 'Harbor', organisation: null, theirProgram: null })).toBe(true);
    expect(isOutside({ program: 'Harbor', organisation: 'Harbor', theirProgram: null })).toBe(false);
    expect(isOutside({ program: 'Harbor', organisation: 'Lake', theirProgram: 'Harbor' })).toBe(true);
  });
});
