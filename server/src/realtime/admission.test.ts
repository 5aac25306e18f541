import { expect, test } from 'vitest';
import { atLeastPerSecond, createAdmission } from './admission.ts';

test('[F40] a node with time lets everybody in; a late one about a thousand a second, and everybody again after it', () => {
  let delay = 0;
  const admit = createAdmission(() => delay);
  const letIn = (asked: number) => Array.from({ length: asked }, admit).filter(Boolean).length;
  expect(letIn(5000)).toBe(5000);
  delay = 600;
  const meanwhile = letIn(5000);
  expect(meanwhile).toBeGreaterThanOrEqual(atLeastPerSecond);
  expect(meanwhile).toBeLessThan(atLeastPerSecond + 200); // what the bucket filled while it was asked
  delay = 10;
  expect(letIn(5000)).toBe(5000);
});
