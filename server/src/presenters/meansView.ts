import type { MeansKind } from '@hearthline/shared/contracts/escalation';
import type { MeansView, OwnMeans } from '@hearthline/shared/contracts/onCall';
import type { Deps } from '../deps.ts';
import { allMeans, meansKinds } from '../means/allMeans.ts';
import type { StaffActor } from '../policies/actor.ts';

type Row = {
  id: string;
  kind: MeansKind;
  label: string;
  verified: boolean;
  state: string | null;
  answer: string | null;
  made_at: Date | null;
};

/** How somebody is reached, for their own eyes. Addresses stay here: a label is what they called it. */
export async function meansView(deps: Deps, actor: StaffActor): Promise<MeansView> {
  const { rows } = await deps.sql.query<Row>(
    `select m.id, m.kind, m.label, m.verified_at is not null as verified, p.state, p.answer, p.made_at
     from means m left join lateral (
       select state, answer, made_at from page where means_id = m.id and staff_id = $1 and escalation_id is null order by made_at desc limit 1
     ) p on true
     where m.staff_id = $1 and m.removed_at is null order by m.created_at, m.id`,
    [actor.id],
  );
  return {
    now: deps.clock.now().toISOString(),
    means: rows.map((r) => ({ id: r.id, kind: r.kind, label: r.label, verified: r.verified, test: testOf(r) })),
    offered: meansKinds.filter((kind) => allMeans[kind].offered(deps.config)),
    pushKey: deps.config.means.push?.publicKey ?? null,
  };
}

function testOf({ state, answer, made_at: at }: Row): OwnMeans['test'] {
  if (!state || !at) return null;
  const told = { due: 'sending', sending: 'sending', sent: 'sent', failed: 'failed', unknown: 'failed' } as const;
  return { state: answer === 'heard' ? 'heard' : told[state as keyof typeof told], at: at.toISOString() };
}
