import { isEligible } from './checks/eligible.ts';
import type { Process } from './processes.ts';
import type { RowOf } from './store/rows.ts';
import type { Entry, World } from './world.ts';

/** One stay of somebody in a talk: the messages that may be shown to them. */
export type Stay = { after: number; until: number | null; removed: boolean };

/** What the world has seen beside its rows: what checks need that no row keeps. */
export type Ledger = {
  /** Since when somebody does what time does. */
  ableSince: number;
  able: boolean;
  workerAt: number;
  /** A process died then: what it was about is done by others, or at its time. */
  diedAt: number;
  /** Requests that a caller was told they have, by id. */
  promised: Map<string, string>;
  /** Since when a request waits beside a peer who could take it. */
  pairs: Map<string, number>;
  /** Since when nothing of the rung of an escalation can reach anybody. */
  hopeless: Map<string, number>;
  /** Pages that were handed to their provider; and those that were once more. */
  handed: Set<string>;
  handedAgain: string[];
  /** What was shown to whom in this happening. */
  shown: { personId: string; talkId: string; seq: number; epoch: number }[];
  stays: Map<string, Stay[]>;
};

export const createLedger = (now: number): Ledger => ({
  ableSince: now,
  able: true,
  workerAt: now,
  diedAt: -Infinity,
  promised: new Map(),
  pairs: new Map(),
  hopeless: new Map(),
  handed: new Set(),
  handedAgain: [],
  shown: [],
  stays: new Map(),
});

/** After each happening. */
export function watch(world: World): void {
  const { ledger, now } = world;
  const able = isAble(world);
  if (!able || !ledger.able) ledger.ableSince = now;
  ledger.able = able;
  since(ledger.pairs, pairsNow(world), now);
  since(ledger.hopeless, hopelessNow(world), now);
  for (const entry of world.fresh) stays(world, entry);
}

/** At once: in a quiet hour the next happening may be the one in which somebody is there again. */
export function died({ ledger, processes, now }: World, { role }: Process): void {
  ledger.diedAt = now;
  if (role === 'worker') ledger.workerAt = now;
  if (processes.alive('worker').length === 0) ledger.able = false;
}

/** Somebody must do what time does: a worker, or a server once no worker has been there for some seconds (F18). */
function isAble({ ledger, processes, now }: World): boolean {
  const workers = processes.alive('worker').length > 0;
  if (workers) ledger.workerAt = now;
  return workers || (processes.alive('server').length > 0 && now > ledger.workerAt + 4000);
}

function since(map: Map<string, number>, there: ReadonlySet<string>, now: number): void {
  for (const key of map.keys()) if (!there.has(key)) map.delete(key);
  for (const key of there) if (!map.has(key)) map.set(key, now);
}

function pairsNow({ store, now }: World): Set<string> {
  const pairs = new Set<string>();
  for (const request of store.live('request').values()) {
    if (request.state !== 'waiting' || request.absentSince !== null) continue;
    for (const peer of store.live('peer').values())
      if (isEligible(store, request, peer, now)) pairs.add(`${request.id} ${peer.id}`);
  }
  return pairs;
}

function hopelessNow({ store }: World): Set<string> {
  const hopeless = new Set<string>();
  for (const e of store.live('escalation').values()) {
    if (e.state !== 'paging') continue;
    const ofRung = store
      .of('page', e.id)
      .filter((p) => p.step === e.step && p.attempt === e.attempt && p.madeAt >= (e.calledAt ?? 0));
    if (ofRung.every((p) => p.state === 'failed')) hopeless.add(`${e.id} ${e.step} ${e.attempt}`);
  }
  return hopeless;
}

/** Who came into a talk and who went, by what was said at that time and not by what their rows say. */
function stays({ store, ledger }: World, entry: Entry): void {
  const { name, changes } = entry;
  for (const change of changes) {
    if (change.table !== 'participant' || !change.after) continue;
    const { before, after } = change;
    const key = `${after.talkId}/${after.partyId}`;
    const talk = store.get('talk', after.talkId);
    const all = ledger.stays.get(key) ?? [];
    ledger.stays.set(key, all);
    if (after.leftAt === null && (before === null || before.leftAt !== null)) {
      const agreed = talk?.sideOf ? true : sharesAll(store, entry, after);
      all.push({ after: !agreed ? (talk?.lastSeq ?? 0) : 0, until: null, removed: false });
    }
    const last = all.at(-1);
    if (last && after.leftAt !== null && before?.leftAt === null) {
      last.until = talk?.lastSeq ?? 0;
      last.removed = name === 'party.remove';
    }
  }
}

/** Whoever opens a talk has all of it; who comes later what was agreed to. */
function sharesAll(store: World['store'], entry: Entry, { role, joinedAt, talkId, partyId }: RowOf<'participant'>) {
  const invitation = entry.changes.find((c) => c.table === 'invitation' && c.after?.state === 'joined');
  if (invitation) return store.of('consent', invitation.id).at(-1)?.share === 'conversation';
  if (role !== 'clinician') return joinedAt === null;
  const e = store.of('escalation', talkId).find((one) => one.state === 'joined' && one.ownerId === partyId);
  const last = e && store.of('consent', e.id).at(-1);
  return last?.share === 'conversation' && !last.revoked;
}
