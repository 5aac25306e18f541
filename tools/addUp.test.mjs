import { expect, test } from 'vitest';
import { addUp } from './test.mjs';

const file = (status, ...tests) => ({
  name: '/x/a.test.ts',
  status,
  assertionResults: tests.map((one, n) => ({ status: one, fullName: `t${n}` })),
});

test('counts single tests, and a file that did not load as a failure', () => {
  const sum = addUp({
    testResults: [file('passed', 'passed', 'passed', 'pending'), file('failed', 'failed'), file('failed')],
  });
  expect([sum.passed, sum.failed, sum.skipped.length]).toEqual([2, 2, 1]);
});
