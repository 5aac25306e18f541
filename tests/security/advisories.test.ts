import { expect, test } from 'vitest';
import { askAdvisories, openAdvisories, readAccepted } from '../../tools/audit/advisories.mjs';
import { pnpm } from '../../tools/audit/audit.mjs';
import { ROOT } from '../support/services.ts';

test('[S39] no locked package has a known weakness that nobody looked at', ({ skip }) => {
  const asked = askAdvisories(ROOT, pnpm());
  if ('skipped' in asked) return skip(asked.skipped);
  expect(openAdvisories(asked.known, readAccepted(ROOT), new Date().toISOString().slice(0, 10))).toEqual([]);
});
