import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startPostgres, type PrivatePostgres } from '../../tools/services/postgres.mjs';
import { startRedis, type PrivateRedis } from '../../tools/services/redis.mjs';
import { mailSink, type MailSink } from '../means/providers.ts';
import { ROOT, freshFolder, program, programEnv, raisedLimits, startStack, type Stack } from '../support/services.ts';
import { accountOf } from '../support/staffBrowser.ts';
import { fieldsInSources, typist } from './canary/fields.ts';
import { listed } from './canary/mayBeFound.ts';
import { canary, findBelow, findIn } from './canary/needles.ts';
import { clinicianTypes, meansType, measuresType, rosterTypes } from './canary/staffForms.ts';
import { patientLadder } from './clinicians.ts';
import { accept, chromePath, givePassword, goAvailable, launchOptions, lookOf, signIn } from './people.ts';

/**
 * What people type, looked for in every place that outlives the screen: a caller's words may be there in sealed form only.
 * `mayBeFound.ts` lists what may stand in clear, with the reason.
 */
/** They take digits or a time, and no words. */
const noWords = [
  '/staff/measures -from-day',
  '/staff/measures -to-day',
  '/staff/on-call -', // the code of a test
  '/staff/roster -from',
  '/staff/roster -hours',
  '/staff/roster -starts',
  '/staff/roster -until',
  '/staff/sign-in code',
];
/** Of these the sources have no name of their own: each is one of a list. */
const outcome = ['-told', '-note', '-safetyPlan', '-referrals'].map((id) => `/staff/on-call ${id}`);
const secret = canary();
/** Put by hand into each place that is searched, so that a search which finds nothing is one that would have found it. */
const planted = canary();
const { everyField, typed, digitsOnly } = typist(secret.word);

let stack: Stack;
let postgres: PrivatePostgres;
let redis: PrivateRedis;
let mails: MailSink;
const folders = { postgres: '', redis: '', caller: '', staff: '', clinician: '' };
let callerBrowser: BrowserContext;
let staffBrowser: BrowserContext;
let clinicianBrowser: BrowserContext;
const toRedis: string[] = [];
let monitor: Redis;

describe.skipIf(!chromePath)('what was typed is nowhere', () => {
  beforeAll(async () => {
    for (const name of ['caller', 'staff', 'clinician'] as const) folders[name] = freshFolder('profile');
    folders.postgres = join(freshFolder('pg').replace(/\/[^/]+$/, ''), 'canary-postgres');
    folders.redis = freshFolder('redis');
    postgres = await startPostgres({ data: folders.postgres, settings: { fsync: 'off', wal_compression: 'off' } });
    redis = await startRedis({ data: folders.redis, tools: join(ROOT, '.tools'), flags: ['--rdbcompression', 'no'] });
    monitor = await new Redis(redis.url).monitor();
    monitor.on('monitor', (_at: string, args: string[]) => toRedis.push(args.join(' ')));
    const place = { databaseUrl: postgres.url, redisUrl: redis.url };
    await program(
      join(ROOT, 'server/src/cli/migrate.ts'),
      programEnv({ ...place, folder: freshFolder() }, raisedLimits),
    );
    mails = await mailSink();
    const providers = {
      HEARTHLINE_SMTP_URL: mails.url,
      HEARTHLINE_MAIL_FROM: 'line@example.org',
      HEARTHLINE_PAGE_WEBHOOK_URL: 'http://127.0.0.1:9/page', // nobody listens
      HEARTHLINE_PAGE_WEBHOOK_SECRET: 'a secret of the gateway',
    };
    stack = await startStack({ ...place, seed: true, env: { ...raisedLimits, ...providers, LOG_LEVEL: 'debug' } });
    await patientLadder(stack);
    const profile = (folder: string, phone: boolean) =>
      chromium.launchPersistentContext(folder, { ...launchOptions, ...lookOf({ phone }) });
    callerBrowser = await profile(folders.caller, true);
    staffBrowser = await profile(folders.staff, false);
    clinicianBrowser = await profile(folders.clinician, false);
    for (const context of [callerBrowser, staffBrowser, clinicianBrowser]) context.setDefaultTimeout(15_000);
  });
  afterAll(async () => {
    await Promise.allSettled([callerBrowser?.close(), staffBrowser?.close(), clinicianBrowser?.close()]);
    await stack?.stop();
    monitor?.disconnect();
    await Promise.allSettled([redis?.stop(), postgres?.stop(), mails?.stop()]);
  });

  test('[S23][S31][S34][S36] a phrase typed into every field of every form stays in no store, log, job or profile', async () => {
    const desk = await staffTypes();
    const ana = await clinicianIsThere();
    const caller = await callerTypes();
    await theyTalk({ caller, desk, ana });
    // a field that nobody came to is a hole in this test
    const reached = [...typed.keys(), ...digitsOnly];
    expect(fieldsInSources().length).toBeGreaterThan(8);
    for (const id of fieldsInSources())
      expect(
        reached.filter((name) => name.endsWith(id)),
        id,
      ).not.toEqual([]);
    expect([...digitsOnly].sort()).toEqual(noWords);
    expect(reached).toEqual(expect.arrayContaining(outcome));

    await plant(caller, desk, ana);
    for (const context of [callerBrowser, staffBrowser, clinicianBrowser]) await context.close();
    const found = await searchFor(secret);
    const control = await searchFor(planted);
    const isListed = await withDatabase((db) => listed(db, typed));
    for (const [place, finds] of Object.entries(found))
      expect
        .soft(
          finds.filter((f) => !isListed(place, f)),
          place,
        )
        .toEqual([]);
    for (const [place, finds] of Object.entries(control))
      if (place !== 'output of the programs' && place !== 'data and keys folders')
        expect(finds.length, place).toBeGreaterThan(0);
    expect(control['files of PostgreSQL']?.some((f) => f.startsWith('pg_wal/'))).toBe(true);
  }, 240_000);

  test('the search knows the word in every shape', () => {
    const one = canary();
    const { word } = one;
    const shapes = [
      word,
      JSON.stringify({ a: word }),
      encodeURIComponent(`ä ${word}`),
      Buffer.from(word).toString('hex'),
      ...['', 'a', 'ab', 'abc'].map((before) => Buffer.from(`${before}${word}${before}`).toString('base64')),
    ];
    for (const shape of shapes) expect(findIn(Buffer.from(shape), one), shape).not.toEqual([]);
    expect(findIn(Buffer.from(`x${word}`, 'utf16le'), one)).not.toEqual([]);
    expect(findIn(Buffer.from(canary().word), one)).toEqual([]);
  });
});

/** Sign-in with everything wrong, then rightly. @returns the desk of a peer who is there. */
async function staffTypes(): Promise<Page> {
  const page = staffBrowser.pages()[0] ?? (await staffBrowser.newPage());
  const refused = () => page.locator('.error:visible').first().waitFor();
  await page.goto(`${stack.url}/staff`);
  await page.getByLabel('Email').waitFor();
  await everyField(page);
  await page.getByRole('button', { name: 'Go on' }).click();
  await refused();

  const said = await program(join(ROOT, 'server/src/cli/staff.ts'), stack.env, [
    ...['add', '--email', 'new@demo.example', '--name', 'New', '--role', 'peer'],
  ]);
  await givePassword(page, stack.url, 'new@demo.example', /^ {2}(\S+)$/m.exec(said)?.[1] ?? '');
  await page.waitForURL(/\/staff\/enrol$/);
  await everyField(page);
  await page.getByRole('button', { name: 'Show my code' }).click();
  await refused();
  await staffBrowser.clearCookies();

  const maya = accountOf(stack, 'maya');
  await givePassword(page, stack.url, maya.email, maya.password);
  await page.getByLabel('One-time code').waitFor();
  await everyField(page);
  await page.getByRole('button', { name: 'Use a recovery code' }).click();
  await everyField(page);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await refused();
  await signIn(page, stack.url, stack.dataDir, 'rosa@demo.example');
  await rosterTypes(page, stack.url, everyField);
  await measuresType(page, stack.url, everyField);
  await staffBrowser.clearCookies();
  await signIn(page, stack.url, stack.dataDir, 'maya@demo.example');
  await goAvailable(page);
  return page;
}

/** On call by the demo's roster, with an alarm that works. */
async function clinicianIsThere(): Promise<Page> {
  const page = clinicianBrowser.pages()[0] ?? (await clinicianBrowser.newPage());
  await signIn(page, stack.url, stack.dataDir, 'ana@demo.example');
  await meansType(page, everyField, mails.mails);
  return page;
}

async function callerTypes(): Promise<Page> {
  const page = callerBrowser.pages()[0] ?? (await callerBrowser.newPage());
  for (const path of ['/', '/help', '/keep', '/code']) {
    await page.goto(stack.url + path);
    await everyField(page);
  }
  await page.getByRole('button', { name: 'Go back to it' }).click();
  await page.locator('.error:visible').first().waitFor();
  await page.goto(`${stack.url}/start`);
  await everyField(page);
  await page.getByLabel(/I have read this/).check();
  await page.getByRole('button', { name: 'Take a place in line' }).click();
  await page.waitForURL(/\/talk$/);
  return page;
}

type Three = Record<'caller' | 'desk' | 'ana', Page>;

async function theyTalk({ caller, desk, ana }: Three): Promise<void> {
  await accept(desk);
  await caller.getByRole('textbox', { name: /^Write to/ }).waitFor();
  for (const [from, to] of [
    [caller, desk],
    [desk, caller],
  ] as const) {
    const phrases = await everyField(from);
    expect(phrases.length).toBeGreaterThan(0);
    await from.getByRole('textbox', { name: /^Write to/ }).press('Enter');
    await to
      .getByText(phrases.at(-1) ?? '')
      .last()
      .waitFor(); // it went all the way
  }
  await theyAskForAClinician(caller, desk);
  await clinicianTypes({ ana, caller, desk }, everyField, (field) => typed.get(field) ?? 'not typed');
  await caller.getByRole('button', { name: 'End', exact: true }).click();
  await caller.getByRole('button', { name: 'Yes, end it' }).click();
  await caller.getByLabel('In your own words').waitFor();
  await everyField(caller);
  await caller.getByRole('button', { name: 'Send my answers' }).click();
  await caller.getByText('Your answers are sent.').waitFor();
  await desk.getByLabel('Topic').selectOption('Grief');
  await desk.getByLabel('How it ended').selectOption('Ended together');
  await desk.getByRole('radio', { name: '2, Some' }).check({ force: true });
  await everyField(desk);
  await desk.getByRole('button', { name: 'Save', exact: true }).click();
  await desk.getByRole('heading', { name: /Wrap-up/ }).waitFor({ state: 'detached' });
}

/** Why, the summary, and the summary in the caller's own words. */
async function theyAskForAClinician(caller: Page, desk: Page): Promise<void> {
  await desk.getByRole('button', { name: 'Bring in a clinician' }).click();
  await desk
    .getByRole('dialog')
    .getByRole('radio', { name: /joins us/ })
    .check();
  await everyField(desk);
  await desk.getByRole('dialog').getByRole('button', { name: /^Ask / }).click(); // beside it stands "Ask a colleague in"
  await caller.getByRole('button', { name: 'Answer' }).click();
  await caller.getByRole('radio', { name: /^A short summary/ }).check();
  await everyField(caller);
  await caller.getByRole('button', { name: /^Yes, ask/ }).click();
  await caller
    .getByText(/is being called|No clinician has answered/)
    .last()
    .waitFor();
}

async function plant(...pages: Page[]): Promise<void> {
  const { word } = planted;
  for (const page of pages) await page.evaluate((text) => localStorage.setItem('planted', text), word);
  await withDatabase((db) =>
    db.query(
      `insert into sealed_field (owner_kind, owner_id, field, sealed, written_at) values ('x', gen_random_uuid(), 'x', $1, now())`,
      [Buffer.from(word)],
    ),
  );
  const client = new Redis(redis.url);
  await client.set('planted', word);
  client.disconnect();
}

async function searchFor(what: typeof secret): Promise<Record<string, string[]>> {
  const client = new Redis(redis.url);
  await client.save();
  client.disconnect();
  const tables = await withDatabase(async (db) => {
    await db.query('checkpoint');
    const names = await db.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'public'`,
    );
    expect(names.rows.length).toBeGreaterThan(20);
    const finds: string[] = [];
    for (const { name } of names.rows) {
      const { rows } = await db.query<{ row: string }>(`select t::text as row from ${name} t`);
      const text = Buffer.from(rows.map((r) => r.row).join('\n'));
      finds.push(...findIn(text, what).map((find) => `${name} ${find}`));
    }
    return finds;
  });
  return {
    'tables of PostgreSQL': tables,
    'files of PostgreSQL': findBelow(folders.postgres, what),
    'files of Redis': findBelow(folders.redis, what),
    'commands and jobs that went to Redis': findIn(Buffer.from(toRedis.join('\n')), what),
    'output of the programs': findIn(Buffer.from(stack.output() + postgres.log() + redis.log()), what),
    'data and keys folders': findBelow(join(stack.dataDir, '..'), what),
    'profile of the caller’s browser': findBelow(folders.caller, what),
    'profile of the staff browser': findBelow(folders.staff, what),
    'profile of the clinician’s browser': findBelow(folders.clinician, what),
  };
}

async function withDatabase<T>(work: (db: pg.Client) => Promise<T>): Promise<T> {
  const db = new pg.Client({ connectionString: postgres.url });
  await db.connect();
  try {
    return await work(db);
  } finally {
    await db.end();
  }
}
