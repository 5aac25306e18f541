import type { DueKind } from '@hearthline/shared/contracts/jobs';
import { openStateOf } from '@hearthline/shared/domain/hours';
import { goOn } from './acts/escalations.ts';
import { goOnInviting } from './acts/invitations.ts';
import { expireOffer, makeOffers, pick } from './acts/offers.ts';
import { callerAway, staffAway, takenForPresent } from './acts/presence.ts';
import { endAtClosing, lapseRequest, onShift } from './acts/requests.ts';
import { restOver } from './acts/shifts.ts';
import { endStale, returnCaller } from './acts/talks.ts';
import { startHub } from './hub.ts';
import { leaseMs } from './holds.ts';
import type { Process } from './processes.ts';
import { startSender } from './sender.ts';
import type { World } from './world.ts';

const acts: Record<DueKind, (p: Process, subject: string) => unknown> = {
  'offer.expire': expireOffer,
  'request.lapse': lapseRequest,
  'conversation.return': returnCaller,
  'conversation.stale': endStale,
  'rest.over': restOver,
  'escalation.goOn': goOn,
  'invitation.goOn': goOnInviting,
};
/** Loops of the product, in the same order: due rows, offers, what was not told, who has no page, lines that close. */
const sweepMs = 500;
const matchMs = 2000;
const relayMs = 3000;
const presenceMs = 5000;
const closingMs = 20_000;

/**
 * Everything that time does, on whichever process is there to do it. A look that would find nothing is left out, so that a quiet
 * hour costs nothing: looks are put down by the commits and the deaths after which there may be something.
 */
export function startAll(world: World): void {
  const random = world.random.stream('background');
  const { store, processes } = world;
  const one = (): Process | null => {
    const able = processes.background();
    return able.length > 0 ? random.pick(able) : null;
  };

  /** Reads what is due; each is judged on its row a moment later, when that may be otherwise. */
  function sweep(): void {
    const p = one();
    if (!p) return;
    for (const { id, kind, subject, at } of store.live('due').values())
      if (at <= p.clock()) processes.later(p, random.whole(0, 40), kind, () => runDue(p, { id, kind, subject, at }));
  }
  function runDue(p: Process, { id, kind, subject, at }: { id: string; kind: DueKind; subject: string; at: number }) {
    if (store.get('due', id)?.at !== at) return;
    acts[kind](p, subject);
    world.mayDie(p, 'due.beforeDelete');
    store.transact(() => store.get('due', id)?.at === at && store.remove('due', id));
  }

  let matching = false;
  let looks = false;
  function match(): void {
    const p = one();
    if (!p || matching) return;
    const matches = pick(world, p.clock());
    if (matches.length === 0) return;
    matching = true;
    world.after(random.whole(1, 30), 'offers are made', () => {
      matching = false;
      if (p.alive && makeOffers(p, matches).ok) match();
    });
  }
  function matchSweep(): void {
    match();
    looks = [...store.live('request').values()].some((r) => r.state === 'waiting');
    if (looks) world.after(matchMs, 'match', matchSweep);
  }

  function presence(): void {
    const p = one();
    const unknownMs = world.redisSince + leaseMs - world.now;
    if (unknownMs > 0) world.after(unknownMs, 'presence', presence);
    if (!p || unknownMs > 0) return;
    for (const person of world.people.values()) {
      if (person.server || person.leaseUntil > world.now || !takenForPresent(store, person.id)) continue;
      if (person.kind === 'caller') callerAway(p, person.id, false);
      else staffAway(p, person.id);
    }
  }
  function closing(): void {
    world.after(closingMs, 'closing', closing);
    const p = one();
    if (!p || openStateOf(world.line.config, new Date(p.clock()), 0).state !== 'closed') return;
    for (const request of store.live('request').values())
      if (request.state === 'waiting' && !onShift(store, request.lineId)) endAtClosing(p, request.id);
  }

  const sender = startSender(world);
  const hub = startHub(world, { matcher: match, sender: sender.now });
  world.changed = ({ table, after }) => {
    if (table === 'due' && after) world.after(after.at - world.now + random.whole(0, sweepMs), 'sweep', sweep);
    if (table === 'page' && after?.state === 'due') world.after(random.whole(0, 1000), 'senders look', sender.now);
    if (table === 'page' && after?.state === 'sending') sender.claimed();
    if (table === 'request' && after && ['left', 'lapsed', 'closed'].includes(after.state))
      world.over.set(after.id, world.now);
    if (table === 'request' && after?.state === 'waiting' && !looks) {
      looks = true;
      world.after(random.whole(0, matchMs), 'match', matchSweep);
    }
  };
  world.sweepPresence = presence;
  world.startBackground = () => {
    world.after(random.whole(100, sweepMs), 'what was left is looked for', () => {
      sweep();
      match();
      sender.now();
    });
    world.after(relayMs, 'relay', hub.relay);
    world.after(leaseMs + random.whole(0, presenceMs), 'presence', presence);
  };
  world.after(closingMs, 'closing', closing);
}
