import type { MeansKind } from '@hearthline/shared/contracts/escalation';
import { spansOf } from '@hearthline/shared/domain/roster';
import type { Lines } from '../storage/postgres/lines.store.ts';
import type { Sql } from '../storage/postgres/pool.ts';
import { readClinicians, readLayers } from './readRoster.ts';

const ahead = 14 * 86_400_000;

export type OnCallStep = {
  step: number;
  layer: string;
  seconds: number;
  person: {
    staffId: string;
    name: string;
    title: string | null;
    organisation: string | null;
    means: { id: string; kind: MeansKind; address: unknown }[];
  } | null;
  /** When somebody else is on; null: not within 14 days. */
  until: Date | null;
};

/**
 * [RO5] Who is called on each step of the line's ladder: on call now, a clinician of the line who is not suspended, with a
 * means of the step that rang and was heard; null: nobody. Judged on the rows each time, so that it can be asked inside of
 * a transaction.
 */
export async function onCallFor(deps: { lines: Lines }, sql: Sql, lineId: string, now: Date): Promise<OnCallStep[]> {
  const steps = deps.lines.byId(lineId)?.config.escalation?.steps ?? [];
  if (steps.length === 0) return [];
  const layers = await readLayers(sql, lineId, now);
  const spans = new Map(layers.map((l) => [l.name, spansOf(l, now, new Date(now.getTime() + ahead))]));
  const on = steps.map((s) => spans.get(s.layer)?.[0]?.staffId ?? null);
  const ids = [...new Set(on.filter((id) => id !== null))];
  const clinicians = ids.length > 0 ? await readClinicians(sql, lineId, ids) : [];
  return steps.map(({ layer, seconds, means: wanted }, i) => {
    const who = clinicians.find((c) => c.id === on[i]);
    const means = who?.means.filter((m) => !wanted || wanted.includes(m.kind)) ?? [];
    return {
      step: i + 1,
      layer,
      seconds,
      person:
        who && means.length > 0
          ? { staffId: who.id, name: who.name, title: who.title, organisation: who.organisation, means }
          : null,
      until: spans.get(layer)?.[1]?.from ?? null,
    };
  });
}
