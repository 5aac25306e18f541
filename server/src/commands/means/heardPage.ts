import { timingSafeEqual } from 'node:crypto';
import type { MeansKind } from '@hearthline/shared/contracts/escalation';
import type { HeardPage } from '@hearthline/shared/contracts/onCall';
import { refuse, type Result } from '@hearthline/shared/contracts/refusals';
import type { Deps } from '../../deps.ts';
import { testCodeOf } from '../../means/pageText.ts';
import type { StaffActor } from '../../policies/actor.ts';
import { act, Refused, type Tx } from '../command.ts';
import { lineOf, lockMeans, tellRosters } from './ownMeans.ts';
import { tellOf } from './markPage.ts';

/** So long a test can be confirmed. */
const goodForMs = 3_600_000;
const mostTries = 5;
type Done = { done: true };
type TestRow = { id: string; kind: MeansKind; means_id: string; staff_id: string; escalation_id: string | null };

/** [PG8] "It arrived": the means counts from now on. Proof is the page's id, which only its message carries, or the code in it. */
export async function heardPage(deps: Deps, actor: StaffActor, input: HeardPage): Promise<Result<Done>> {
  const { commandId, pageId, meansId, code } = input;
  if (code !== undefined && meansId && !(await hasTry(deps, actor, meansId))) return refuse('code.locked');
  return act(deps, { name: 'means.heard', actor, commandId, input: [pageId, meansId, code] }, async (tx) => {
    if (pageId) return arrived(deps, tx, actor, await ofMessage(tx, actor, pageId));
    if (meansId) return arrived(deps, tx, actor, await ofMeans(deps, tx, actor, meansId, code));
    throw new Refused('means.gone');
  });
}

/** Counted before it is judged, and outside of what a refusal undoes. A means without a test has nothing to guess. */
async function hasTry(deps: Deps, actor: StaffActor, meansId: string): Promise<boolean> {
  const { rows } = await deps.sql.query<{ code_tries: number }>(
    `update page set code_tries = code_tries + 1
     where id = (select id from page where means_id = $1 and staff_id = $2 and escalation_id is null order by made_at desc limit 1)
     returning code_tries`,
    [meansId, actor.id],
  );
  return (rows[0]?.code_tries ?? 0) <= mostTries;
}

async function ofMessage(tx: Tx, actor: StaffActor, pageId: string): Promise<TestRow> {
  const { rows } = await tx.query<TestRow>(
    `select id, kind, means_id, staff_id, escalation_id from page
     where id = $1 and staff_id = $2 and (escalation_id is not null or made_at > $3) for update`,
    [pageId, actor.id, new Date(tx.now.getTime() - goodForMs)],
  );
  if (!rows[0]) throw new Refused('means.gone');
  return rows[0];
}

async function ofMeans(deps: Deps, tx: Tx, actor: StaffActor, meansId: string, code?: string): Promise<TestRow> {
  await lockMeans(tx, actor, meansId);
  const { rows } = await tx.query<TestRow>(
    `select id, kind, means_id, staff_id, escalation_id from page
     where means_id = $1 and escalation_id is null and made_at > $2 order by made_at desc limit 1 for update`,
    [meansId, new Date(tx.now.getTime() - goodForMs)],
  );
  const [page] = rows;
  if (!page) throw new Refused('means.gone');
  if (page.kind === 'alarm') return page;
  // a notice says no code: whoever has it presses it
  if (
    page.kind === 'push' ||
    !code ||
    !timingSafeEqual(Buffer.from(testCodeOf(deps.config, page.id)), Buffer.from(code))
  )
    throw new Refused('code.wrong');
  return page;
}

async function arrived(deps: Deps, tx: Tx, actor: StaffActor, page: TestRow): Promise<Done> {
  if (page.escalation_id) {
    await tx.query('update page set delivered_at = $2 where id = $1 and delivered_at is null', [page.id, tx.now]);
    await tellOf(tx, page);
    return { done: true };
  }
  await tx.query(
    `update page set answer = 'heard', answered_at = $2, delivered_at = coalesce(delivered_at, $2) where id = $1 and answer is null`,
    [page.id, tx.now],
  );
  const verified = await tx.query(
    'update means set verified_at = $2 where id = $1 and verified_at is null and removed_at is null',
    [page.means_id, tx.now],
  );
  if (verified.rowCount > 0) {
    tx.audit('means.verified', lineOf(deps, actor), page.means_id, { kind: page.kind });
    tellRosters(tx, actor);
  }
  return { done: true };
}
