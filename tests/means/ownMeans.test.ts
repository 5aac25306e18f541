import { randomUUID } from 'node:crypto';
import { addMeans } from '@hearthline/server/commands/means/addMeans';
import { heardPage } from '@hearthline/server/commands/means/heardPage';
import { removeMeans } from '@hearthline/server/commands/means/removeMeans';
import { ringMeNow } from '@hearthline/server/commands/means/ringMeNow';
import { testCodeOf } from '@hearthline/server/means/pageText';
import { meansView } from '@hearthline/server/presenters/meansView';
import type { StaffActor } from '@hearthline/server/policies/actor';
import type { DomainEvent } from '@hearthline/shared/contracts/domainEvents';
import type { AddMeans } from '@hearthline/shared/contracts/onCall';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must, testLine, until, type TestLine } from '../support/line.ts';
import { calling, meansOf, onStaff, pageOf, pageRow, ring, senders, subscription } from './people.ts';
import { mailSink, type MailSink } from './providers.ts';

let line: TestLine, mails: MailSink;
let ana: StaffActor, ben: StaffActor;
let running: { stop(): Promise<void> } | undefined;
beforeEach(async () => {
  mails = await mailSink();
  line = await testLine(
    {},
    {
      HEARTHLINE_VAPID_PRIVATE_KEY: 'q'.repeat(43),
      HEARTHLINE_SMTP_URL: mails.url,
      HEARTHLINE_MAIL_FROM: 'line@example.org',
    },
  );
  [ana, ben] = [await onStaff(line, 'Ana'), await onStaff(line, 'Ben')];
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  await line.close();
  await mails.stop();
});
const mine = async (staff = ana) => (await meansView(line.deps, staff)).means;
const add = (way: AddMeans['way'], staff = ana) =>
  addMeans(line.deps, staff, { commandId: randomUUID(), label: 'one', way });
const mailTo = (address: string) => add({ kind: 'mail', address });
const id = () => ({ commandId: randomUUID() });
const gone = { ok: false, code: 'means.gone' };

test('[PG6] the same one twice is one; ten are enough; another’s and a removed one are not there', async () => {
  for (let n = 0; n < 2; n++) {
    must(await add({ kind: 'alarm' }));
    must(await mailTo('ana@example.org'));
    must(await add({ kind: 'push', ...subscription('https://push.example.org/one').address }));
  }
  expect((await mine()).map((m) => [m.kind, m.verified, m.test]).sort()).toEqual([
    ['alarm', false, null],
    ['mail', false, null],
    ['push', false, null],
  ]);
  for (let n = 0; n < 7; n++) must(await mailTo(`ana${n}@example.org`));
  expect(await mailTo('more@example.org')).toEqual({ ok: false, code: 'means.tooMany' });
  const first = (await mine())[0]?.id ?? '';
  const of = { ...id(), meansId: first };
  for (const act of [removeMeans, ringMeNow, heardPage]) expect(await act(line.deps, ben, of)).toEqual(gone);
  must(await removeMeans(line.deps, ana, of));
  expect(await removeMeans(line.deps, ana, { ...id(), meansId: first })).toEqual(gone);
  expect(await ringMeNow(line.deps, ana, { ...id(), meansId: first })).toEqual(gone);
  expect(await mine()).toHaveLength(9);
  expect(await mine(ben)).toEqual([]);
});

test('[PG6] ten at once are ten and no more', async () => {
  const answers = await Promise.all(Array.from({ length: 14 }, (_, n) => mailTo(`ana${n}@example.org`)));
  expect(answers.filter((a) => a.ok)).toHaveLength(10);
  expect(await mine()).toHaveLength(10);
});

test('[PG6][PG9] what this installation cannot send, and a push service inside a network, are refused', async () => {
  const no = { ok: false, code: 'means.notOffered' };
  for (const kind of ['sms', 'voice', 'webhook'] as const)
    expect(await add({ kind, number: '+15550100123' })).toEqual(no);
  for (const host of [
    '127.0.0.1',
    '10.1.2.3',
    '[::1]',
    '[fd00::1]',
    '169.254.169.254',
    '0x7f.1',
    'x:y@push.example.org',
  ])
    expect(await add({ kind: 'push', ...subscription(`https://${host}/one`).address }), host).toEqual(no);
  expect(await mine()).toEqual([]);
  expect((await meansView(line.deps, ana)).offered).toEqual(['alarm', 'push', 'mail']);
});

test('[PG7] "ring me now" rings once in 20 s a means, and a repeat of the same press is the same', async () => {
  const means = await meansOf(line.deps, ana, 'mail', { address: 'ana@example.org' });
  const press = { ...id(), meansId: means };
  must(await ringMeNow(line.deps, ana, press));
  must(await ringMeNow(line.deps, ana, press));
  expect(await ringMeNow(line.deps, ana, { ...id(), meansId: means })).toEqual({ ok: false, code: 'rate.slowDown' });
  const { rows } = await line.deps.sql.query<{ n: number }>('select count(*)::int as n from page', []);
  expect(rows[0]?.n).toBe(1);
});

test('[PG8] a means counts once its message arrived: by the link that only the mail has', async () => {
  must(await mailTo('ana@example.org'));
  const means = (await mine())[0]?.id ?? '';
  const told: DomainEvent[] = [];
  line.deps.hub.on((e) => told.push(e));
  running = senders(line.deps);
  await ring(line.deps, ana, means);
  await until('the mail is there', async () => mails.mails.length === 1);
  await until('it counts as sent', async () => (await mine())[0]?.test?.state === 'sent');
  expect((await mine())[0]?.verified).toBe(false);
  const pageId =
    /heard=3D([0-9a-f-]{36})|heard=([0-9a-f-]{36})/
      .exec(mails.mails[0]?.text.replace(/=\r?\n/g, '') ?? '')
      ?.slice(1)
      .find(Boolean) ?? '';
  expect(await heardPage(line.deps, ben, { ...id(), pageId })).toEqual(gone);
  expect(await heardPage(line.deps, ana, { ...id(), pageId: randomUUID() })).toEqual(gone);
  must(await heardPage(line.deps, ana, { ...id(), pageId }));
  expect(await mine()).toMatchObject([{ verified: true, test: { state: 'heard' } }]);
  expect(told).toContainEqual({ type: 'roster.changed', lineId: line.lineId, staffIds: [ana.id] });
});

test('[PG8] by the code: five tries, counted though they are refused; a push has none, an alarm needs none', async () => {
  must(await mailTo('ana@example.org'));
  must(await add({ kind: 'push', ...subscription('https://push.example.org/one').address }));
  must(await add({ kind: 'alarm' }));
  const idOf = Object.fromEntries((await mine()).map((m) => [m.kind, m.id]));
  const [mail, push, alarm] = [idOf.mail, idOf.push, idOf.alarm] as [string, string, string];
  for (const meansId of [mail, push, alarm])
    expect(
      await heardPage(line.deps, ana, { ...id(), meansId, ...(meansId === alarm ? {} : { code: '0000' }) }),
    ).toEqual(meansId === alarm ? gone : { ok: false, code: 'means.gone' });
  const page = await ring(line.deps, ana, mail);
  const code = testCodeOf(line.deps.config, page);
  const wrong = String((Number(code) + 1) % 10_000).padStart(4, '0');
  expect(await heardPage(line.deps, ana, { ...id(), meansId: mail })).toEqual({ ok: false, code: 'code.wrong' });
  const guesses = await Promise.all(
    Array.from({ length: 5 }, () => heardPage(line.deps, ana, { ...id(), meansId: mail, code: wrong })),
  );
  expect(guesses).toEqual(Array(5).fill({ ok: false, code: 'code.wrong' }));
  expect(await heardPage(line.deps, ana, { ...id(), meansId: mail, code })).toEqual({ ok: false, code: 'code.locked' });
  await line.deps.sql.query('update page set made_at = $2 where id = $1', [
    page,
    new Date(line.deps.clock.now().getTime() - 21_000),
  ]);
  const next = await ring(line.deps, ana, mail);
  must(await heardPage(line.deps, ana, { ...id(), meansId: mail, code: testCodeOf(line.deps.config, next) }));
  await ring(line.deps, ana, push);
  expect(await heardPage(line.deps, ana, { ...id(), meansId: push, code: '0000' })).toEqual({
    ok: false,
    code: 'code.wrong',
  });
  await ring(line.deps, ana, alarm);
  must(await heardPage(line.deps, ana, { ...id(), meansId: alarm }));
  expect(Object.fromEntries((await mine()).map((m) => [m.kind, m.verified]))).toEqual({
    mail: true,
    push: false,
    alarm: true,
  });
});

test('[PG8] an old test proves nothing any more; the message of a real page says that it arrived, and verifies nothing', async () => {
  const escalationId = await calling(line, ana);
  must(await mailTo('ana@example.org'));
  const means = (await mine())[0]?.id ?? '';
  const old = await ring(line.deps, ana, means);
  await line.deps.sql.query('update page set made_at = $2 where id = $1', [
    old,
    new Date(line.deps.clock.now().getTime() - 3_601_000),
  ]);
  expect(await heardPage(line.deps, ana, { ...id(), pageId: old })).toEqual(gone);
  const real = await pageOf(line.deps, ana, means, { escalationId });
  must(await heardPage(line.deps, ana, { ...id(), pageId: real }));
  expect((await pageRow(line.deps, real)).delivered_at).not.toBeNull();
  expect((await mine())[0]?.verified).toBe(false);
});

test('[PG6] only clinicians and coordinators are called', async () => {
  const coordinator = await onStaff(line, 'Rosa', 'coordinator');
  must(await add({ kind: 'alarm' }, coordinator));
  const peer = await onStaff(line, 'Maya', 'peer');
  expect(await add({ kind: 'alarm' }, peer)).toEqual({ ok: false, code: 'access.denied' });
});
