import {
  claimPages,
  deadlineMs,
  giveUp,
  goneAfterMs,
  markDone,
  markUndelivered,
  stalePages,
  type Claimed,
  type Handed,
} from './acts/pages.ts';
import { pageSettled } from './acts/escalations.ts';
import { ProcessDied } from './act.ts';
import type { Process } from './processes.ts';
import type { World } from './world.ts';
import { hasPage } from './holds.ts';
import type { MeansKind } from '@hearthline/shared/contracts/escalation';

/** How a provider is, for as long as it lasts. `lies`: says yes and never delivers; `late`: says no after it has said yes. */
type Mood = 'good' | 'fails' | 'hangs' | 'lies' | 'late';
const moods: Record<Mood, number> = { good: 60, fails: 15, hangs: 8, lies: 10, late: 7 };

/** Hands pages to their providers: in every process, each page once. */
export function startSender(world: World): { now(): void; claimed(): void } {
  const random = world.random.stream('providers');
  const { processes, ledger } = world;
  const moodOf = new Map<MeansKind, { mood: Mood; until: number }>();

  function mood(kind: MeansKind): Mood {
    const last = moodOf.get(kind);
    if (last && last.until > world.now) return last.mood;
    const next = { mood: random.weighed(moods), until: world.now + random.whole(60_000, 7_200_000) };
    moodOf.set(kind, next);
    return next.mood;
  }

  function settle(p: Process, id: string, failed: boolean): void {
    if (failed) processes.later(p, random.whole(0, 20), 'a page is settled', () => pageSettled(p, id));
  }
  function done(p: Process, { page }: Claimed, handed: Handed): void {
    world.mayDie(p, 'page.send.afterSend');
    const marked = markDone(p, page.id, handed);
    settle(p, page.id, marked.ok && marked.value.failed);
  }

  function send(p: Process, claimed: Claimed): void {
    const { page, needed } = claimed;
    if (!needed) return done(p, claimed, { state: 'failed', why: 'notNeeded' });
    if (ledger.handed.has(page.id)) ledger.handedAgain.push(page.id);
    ledger.handed.add(page.id);
    const person = world.people.get(page.staffId);
    const end = (ms: number, handed: Handed) =>
      processes.later(p, ms, 'a provider has answered', () => done(p, claimed, handed));
    if (page.means === 'alarm') {
      const here = hasPage(world, page.staffId);
      if (person?.server) world.after(random.whole(20, 500), 'an alarm rings', () => person.paged(page));
      return end(random.whole(1, 10), here ? { state: 'sent' } : { state: 'failed', why: 'noPage' });
    }
    const how = mood(page.means);
    if (how === 'hangs') return end(deadlineMs, { state: 'failed', why: 'late' });
    if (how === 'fails') return end(random.whole(50, 2000), { state: 'failed', why: 'refused' });
    if (how === 'good') world.after(random.whole(500, 20_000), 'a page arrives', () => person?.paged(page));
    if (how === 'late')
      world.after(random.whole(3000, 40_000), 'a page did not arrive', () => {
        const [q] = processes.alive('server');
        const marked = q && markUndelivered(q, page.id);
        if (q && marked?.ok) settle(q, page.id, marked.value.failed);
      });
    end(random.whole(50, 3000), { state: 'sent' });
  }

  function claim(p: Process): void {
    const claimed = claimPages(p);
    if (!claimed.ok) return;
    if (claimed.value.length > 0) world.mayDie(p, 'page.send.afterClaim');
    for (const one of claimed.value) world.after(0, 'a page is handed over', () => handOver(p, one));
  }
  function handOver(p: Process, one: Claimed): void {
    if (p.alive) send(p, one);
  }

  function giveUpStale(): void {
    const [p] = processes.all.filter(({ alive }) => alive);
    if (!p || stalePages(p).length > 0) world.after(1000, 'stale pages', giveUpStale); // whoever looks may die in it
    if (!p) return;
    for (const id of stalePages(p)) {
      const given = giveUp(p, id);
      if (given.ok && given.value.last) settle(p, id, true);
    }
  }

  return {
    claimed: () => world.after(deadlineMs + goneAfterMs + random.whole(1, 1000), 'stale pages', giveUpStale),
    now() {
      if (![...world.store.live('page').values()].some((page) => page.state === 'due')) return;
      for (const p of processes.all.filter(({ alive }) => alive)) {
        try {
          claim(p);
        } catch (error) {
          if (error instanceof ProcessDied) continue; // the next one looks too
          throw error;
        }
        return;
      }
    },
  };
}
