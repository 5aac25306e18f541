import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startStack, type Stack } from '../support/services.ts';

let stack: Stack;
const post = (path: string, body: object) =>
  fetch(`${stack.url}/api/auth/${path}`, {
    method: 'POST',
    headers: { origin: stack.url, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
beforeAll(async () => void (stack = await startStack({ workers: 0, seed: true })));
afterAll(() => stack.stop());

/** How many calls are let through before the first refusal, which is a whole one and can be retried later. */
async function letThrough(call: () => Promise<Response>): Promise<number> {
  for (let n = 0; n < 100; n++) {
    const answer = await call();
    if (answer.status !== 429) continue;
    expect(await answer.json()).toMatchObject({ ok: false, refusal: { code: 'rate.slowDown', retryable: true } });
    return n;
  }
  throw new Error('never refused');
}

test('[S16] guesses at one account stop soon, whatever the case of its name, and the right password waits too', async () => {
  const [maya] = JSON.parse(readFileSync(join(stack.dataDir, 'demo-accounts.json'), 'utf8')) as [
    { email: string; password: string },
  ];
  let odd = false;
  expect(
    await letThrough(() =>
      post('sign-in/email', {
        email: (odd = !odd) ? maya.email : maya.email.toUpperCase(),
        password: 'a wrong password',
      }),
    ),
  ).toBeLessThanOrEqual(10);
  expect((await post('sign-in/email', maya)).status).toBe(429);
});
test('[S16] guesses at codes stop soon', async () => {
  expect(await letThrough(() => post('two-factor/verify-totp', { code: '000000' }))).toBeLessThanOrEqual(15);
});
test('[S16] one network guesses at many accounts for a while only', async () => {
  let n = 0;
  expect(
    await letThrough(() => post('sign-in/email', { email: `person${n++}@example.org`, password: 'a wrong password' })),
  ).toBeLessThanOrEqual(30);
});
