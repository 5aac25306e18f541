import { randomUUID } from 'node:crypto';
import { callerBack } from '@hearthline/server/commands/callers/callerPresence';
import { callerOf } from '@hearthline/server/commands/callers/callerSession';
import { acceptOffer } from '@hearthline/server/commands/offers/answerOffer';
import { staffBack } from '@hearthline/server/commands/parties/staffPresence';
import { openRequest } from '@hearthline/server/commands/requests/openRequest';
import type { Deps } from '@hearthline/server/deps';
import { callerView } from '@hearthline/server/presenters/callerView';
import { deskView } from '@hearthline/server/presenters/deskView';
import { createBatchedReads } from '@hearthline/server/storage/postgres/batchedReads';
import { openHotPool, preparedOf } from '@hearthline/server/storage/postgres/pool';
import { expect, test } from 'vitest';
import { must, offersMade, testLine } from '../support/line.ts';

type Plan = {
  'Node Type': string;
  'Index Name'?: string;
  'Index Cond'?: string;
  'Relation Name'?: string;
  Plans?: Plan[];
};
const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
/** What reads a table or an index from one end to the other, and joins that do so. */
const whole = (p: Plan) =>
  p['Node Type'] === 'Seq Scan' ||
  /^(Hash|Merge) Join$/.test(p['Node Type']) ||
  (/^Index (Only )?Scan$/.test(p['Node Type']) && !p['Index Cond']);

test('every hot statement, planned over empty tables, goes by keys: its cost does not follow what the tables grow to', async () => {
  const line = await testLine();
  const pool = openHotPool(line.deps.config.databaseUrl, 1);
  const deps: Deps = { ...line.deps, acts: pool, hot: preparedOf(pool), reads: createBatchedReads(pool) };
  const peer = await line.peer('Maya');
  const caller = await line.caller('Sparrow');
  must(await openRequest(deps, caller, 'chat'));
  await callerBack(deps, caller.id);
  await staffBack(deps, peer.id);
  await callerOf(deps, 'no such token');
  expect((await callerView(deps, caller)).stage).toBe('waiting');
  expect(await offersMade(deps, line.lineId)).toBe(1);
  const [offer] = (await deskView(deps, peer)).offers;
  must(await acceptOffer(deps, peer, { commandId: randomUUID(), offerId: offer?.id ?? '' }));
  expect((await deskView(deps, peer)).conversations).toHaveLength(1);

  const { rows } = await pool.query<{ name: string; statement: string; types: string[] }>(
    'select name, statement, parameter_types::text[] as types from pg_prepared_statements order by name',
  );
  expect(rows.length).toBeGreaterThanOrEqual(11);
  const found: string[] = [];
  for (const { name, statement, types } of rows) {
    const nulls = types.map((type) => `null::${type}`).join(', ');
    const plan = await pool.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
      `explain (format json) execute "${name}"(${nulls})`,
    );
    for (const p of nodesOf((plan.rows[0] as (typeof plan.rows)[0])['QUERY PLAN'][0].Plan))
      if (whole(p)) found.push(`${p['Node Type']} ${p['Index Name'] ?? p['Relation Name'] ?? ''} in ${statement}`);
  }
  await pool.end();
  await line.close();
  expect(found).toEqual([]);
});
