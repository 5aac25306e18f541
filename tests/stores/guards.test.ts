import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { submitSurvey } from '@hearthline/server/commands/callers/submitSurvey';
import { endConversation } from '@hearthline/server/commands/conversations/endConversation';
import { acceptOffer, declineOffer } from '@hearthline/server/commands/offers/answerOffer';
import { leaveRequest } from '@hearthline/server/commands/requests/leaveRequest';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import { submitWrapUp } from '@hearthline/server/commands/wrapUps/submitWrapUp';
import type { Deps } from '@hearthline/server/deps';
import type { RefusalCode, Result } from '@hearthline/shared/contracts/refusals';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must, offersMade, testLine, type TestLine } from '../support/line.ts';
import { ROOT } from '../support/services.ts';

let line: TestLine;
beforeEach(async () => {
  line = await testLine();
});
afterEach(() => line.close());
const one = async <T>(text: string, ...params: unknown[]) => (await line.deps.sql.query<T>(text, params)).rows[0];

/** The same act from four sides at once, each as a command of its own, on two nodes: one is done, the others are told. */
async function once(refusal: RefusalCode, run: (deps: Deps, commandId: string) => Promise<Result<unknown>>) {
  const other = await line.node();
  const answers = await Promise.all([line.deps, other, line.deps, other].map((deps) => run(deps, randomUUID())));
  expect(answers.filter((a) => a.ok)).toHaveLength(1);
  expect(answers.filter((a) => !a.ok)).toEqual(Array.from({ length: 3 }, () => ({ ok: false, code: refusal })));
}
async function offered() {
  const peer = await line.peer('Maya');
  const caller = await line.caller();
  must(await openRequest(line.deps, caller, 'chat'));
  expect(await offersMade(line.deps, line.lineId)).toBe(1);
  const offerId = (await one<{ id: string }>('select id from offer'))?.id ?? '';
  return { peer, caller, offerId };
}
const load = () => one<{ load: number }>('select load from peer_state');

test('[I6] accepting: one conversation, one room taken', async () => {
  const { peer, offerId } = await offered();
  await once('offer.gone', (d, commandId) => acceptOffer(d, peer, { commandId, offerId }));
  expect(await one('select count(*)::int as n from conversation')).toEqual({ n: 1 });
  expect(await load()).not.toEqual({ load: 0 });
});

test('[I6] declining: the room is given back once', async () => {
  const { peer, offerId } = await offered();
  await once('offer.gone', (d, commandId) => declineOffer(d, peer, 'declined', { commandId, offerId }));
  expect(await load()).toEqual({ load: 0 });
  expect(await one('select state from request')).toEqual({ state: 'waiting' });
});

test('[RQ3] leaving while being asked: the room is given back once', async () => {
  const { caller } = await offered();
  await once('request.gone', (d, commandId) => leaveRequest(d, caller, commandId));
  expect(await load()).toEqual({ load: 0 });
  expect(await one('select state from offer')).toEqual({ state: 'rescinded' });
});

test('[CO1][SV1][WU1] ending, the survey and the wrap-up happen once each, and the room is given back once', async () => {
  const { caller, peer, conversationId } = await line.talk();
  let n = 0;
  await once('conversation.ended', (d, commandId) =>
    endConversation(d, n++ % 2 ? caller : peer, { commandId, conversationId, reason: 'finished' }),
  );
  expect(await one('select count(*)::int as n from wrap_up')).toEqual({ n: 1 });
  await once('survey.gone', (d, commandId) => submitSurvey(d, caller, { commandId, conversationId, scores: {} }));
  await one('update peer_state set load = 100'); // as with other talks beside it
  const cost = (await one<{ cost: number }>('select cost from conversation'))?.cost ?? 0;
  await once('wrapUp.gone', (d, commandId) =>
    submitWrapUp(d, peer, {
      commandId,
      conversationId,
      topic: 'Work',
      outcome: 'Ended together',
      strain: 1,
      debrief: false,
    }),
  );
  expect(await load()).toEqual({ load: 100 - cost });
});

test('[I22] every statement that moves a state says from which', () => {
  const folder = join(ROOT, 'server/src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((f) =>
    /(?<!\.test)\.(ts|sql)$/.test(f),
  );
  const moves = files.flatMap((f) =>
    [
      ...readFileSync(join(folder, f), 'utf8').matchAll(
        /update (?:offer|request|conversation|wrap_up)(?: \w)?\s+set state =[^`;]*?(?=`|returning|\n\)|',\n)/g,
      ),
    ].map(([statement]) => ({ f, statement: statement.replace(/\s+/g, ' ') })),
  );
  expect(moves.length).toBeGreaterThanOrEqual(10);
  const unguarded = moves.filter(({ statement }) => !/ where .*\bstate (= '|= any|in \()/.test(statement));
  expect(unguarded).toEqual([]);
});
