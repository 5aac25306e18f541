import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/line.ts';
import { raisedLimits, ROOT, startStack, type Stack } from '../support/services.ts';
import {
  accept,
  askForChat,
  atDesk,
  axe,
  bubbles,
  chromePath,
  openBrowser,
  part,
  person,
  refusedCall,
  say,
  shoot,
} from './people.ts';

let stack: Stack;
let browser: Browser;

/** What the page's own policy had to stop, from the first script on. */
async function watchPolicy(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(window, { stopped: seen });
    addEventListener('securitypolicyviolation', (e) => seen.push(`${e.violatedDirective} ${e.blockedURI}`));
  });
  return () => page.evaluate(() => (window as unknown as { stopped: string[] }).stopped);
}

describe.skipIf(!chromePath)('words: those of people, and those of our pages', () => {
  beforeAll(async () => {
    stack = await startStack({ seed: true, env: raisedLimits });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  test('[S17][B3][B4] what somebody writes is text: no link, no picture, no markup, no request, no file', async () => {
    const maya = await atDesk(browser, stack, 'maya@demo.example');
    const caller = await person(browser, { phone: true });
    const stopped = await Promise.all([watchPolicy(caller.page), watchPolicy(maya.page)]);
    await maya.page.reload();
    await askForChat(caller.page, stack.url, 'Wren <b>bold</b>');
    await accept(maya.page);
    const written = [
      '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>',
      '[here](javascript:window.pwned=1) javascript:window.pwned=1',
      'https://evil.example/track.png http://evil.example mailto:a@evil.example tel:123',
      '<svg/onload=window.pwned=1> </style><style>*{display:none}',
      'left \u202Ethgir\u202C again',
      'z\u0301\u0301\u0301\u0301\u0301algo 👩\u200D👩\u200D👧\u200D👦',
      '{{7*7}} ${7*7} {@html 1}',
    ];
    for (const text of written) await say(caller.page, text);
    await say(maya.page, written[0] ?? '');
    const all = [...written, written[0]];
    for (const { page } of [caller, maya]) {
      await until('all of it is there', async () => (await bubbles(page)).length === all.length);
      expect(await bubbles(page)).toEqual(all);
      expect(await page.locator('.msg .bubble').locator('a, img, svg, script, style, iframe, b').count()).toBe(0);
      expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
    }
    for (const nothing of ['', '   ', '\u200B\u200B', '\uFEFF']) await say(caller.page, nothing);
    const field = caller.page.getByRole('textbox', { name: /^Write to/ });
    await field.fill('');
    await field.evaluate((element) => {
      const data = new DataTransfer();
      data.items.add(new File(['x'], 'photo.png', { type: 'image/png' }));
      element.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
      element.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    });
    expect(await field.inputValue()).toBe('');
    expect(await caller.page.locator('input[type=file]').count()).toBe(0);
    await say(caller.page, 'after it');
    await maya.page.getByText('after it', { exact: true }).waitFor();
    expect(await bubbles(maya.page)).toEqual([...all, 'after it']);
    for (const all of stopped) expect(await all()).toEqual([]);
    await part(caller, maya); // and nothing was asked of another host
  });

  test('[S21] titles, addresses and icons say nothing of health, and the page says that history stays', async () => {
    const telling = /suicid|mental|crisis|depress|anxi|health|warm.?line|therap|psych|emotion|distress|peer/i;
    const caller = await person(browser, { phone: true, expected: [refusedCall] });
    const { page } = caller;
    for (const path of ['/', '/start', '/code', '/keep', '/help', '/talk', '/nothing-here']) {
      await page.goto(stack.url + path);
      expect(await page.title(), path).not.toMatch(telling);
      expect(new URL(page.url()).pathname, path).not.toMatch(telling);
      const heads = page.locator('head meta[content], head link[href]');
      const told = await heads.evaluateAll((all) =>
        all.map((e) => `${e.getAttribute('content') ?? ''} ${e.getAttribute('href') ?? ''}`),
      );
      expect(told.join('\n'), path).not.toMatch(telling);
    }
    await page.goto(stack.url);
    await page.getByText('Leaving in a hurry').click();
    await page.getByText('Your browser still keeps this address in its history. A private window does not.').waitFor();
    await part(caller);
  });

  test('[S46] before a talk: who can read it, that it is no emergency service, numbers; agreed to by an act, kept without a name', async () => {
    const caller = await person(browser, { phone: true, expected: [refusedCall] });
    const { page } = caller;
    await page.goto(`${stack.url}/start`);
    for (const words of [/This is not an emergency service/, /Who can read it/, /deleted after \d+ days/])
      await page.getByText(words).first().waitFor();
    expect(await page.getByRole('link', { name: 'Call 988' }).count()).toBeGreaterThan(0);
    expect(await page.getByLabel(/I have read this/).isChecked()).toBe(false);
    await page.getByRole('button', { name: 'Take a place in line' }).click();
    await page.getByText('Tick this first').waitFor();
    const pool = new pg.Pool({ connectionString: stack.databaseUrl, max: 1 });
    const given = async () => (await pool.query<Record<string, unknown>>('select * from consent')).rows;
    const before = (await given()).length;
    await page.getByLabel(/I have read this/).check();
    await page.getByRole('button', { name: 'Take a place in line' }).click();
    await page.waitForURL(/\/talk$/);
    const rows = await given();
    expect(rows.length).toBe(before + 1);
    expect(Object.keys(rows[0] ?? {}).sort()).toEqual(['caller_id', 'given', 'given_at', 'id', 'version']);
    await pool.end();
    await part(caller);
  });

  test('[F6] nobody answers at all: the page of the proxy says where to turn, and needs nothing else', async () => {
    const page503 = await readFile(join(ROOT, 'deploy', 'crisis.html'));
    const proxy = createServer((_req, res) => res.writeHead(503, { 'content-type': 'text/html' }).end(page503));
    await new Promise<void>((done) => void proxy.listen(0, '127.0.0.1', done));
    const caller = await person(browser, { phone: true, expected: [/status of 503/] });
    const asked: string[] = [];
    caller.page.on('request', (r) => void asked.push(new URL(r.url()).pathname));
    await caller.page.goto(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}/talk`);
    await caller.page.getByRole('heading', { name: 'We cannot be reached right now' }).waitFor();
    const numbers = await caller.page.locator('a[href^="tel:"]').allTextContents();
    expect(numbers).toEqual(['112', '911', '988', '116 123']);
    expect(asked.filter((path) => path !== '/favicon.ico')).toEqual(['/talk']);
    expect(await caller.page.locator('script').count()).toBe(0);
    await caller.page.getByRole('link', { name: 'Try again' }).click();
    await caller.page.waitForURL(/\/talk$/);
    expect(asked.filter((path) => path === '/talk')).toHaveLength(2);
    expect(await axe(caller.page)).toEqual([]);
    await shoot(caller.page, 'proxy-nobody-answers-320-light');
    await part(caller);
    proxy.closeAllConnections();
    await new Promise((done) => proxy.close(done));
  });
});
