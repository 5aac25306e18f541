import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { CallerView, DeskView } from '@hearthline/shared/contracts/views';
import type { Crew } from '../support/crew.ts';
import type { Cluster } from './cluster.ts';
import type { History } from './history.ts';
import { answersAsked, calledFor, withClinician, callsForClinicians, openClinician, type Roster } from './onCall.ts';
import { createPerson, type Person } from './person.ts';

/** `impatient`: which part of the callers leaves while somebody is called for them. */
export type Size = { peers: number; callers: number; impatient?: number };
export type Town = Awaited<ReturnType<typeof openTown>>;
const messagesEach = 4;
const commandId = () => randomUUID();

/** Peers and callers who do what people do, again and again, while things break around them. */
export async function openTown(cluster: Cluster, crew: Crew, history: History, size: Size, roster: Roster = []) {
  const front = cluster.front.proxy;
  const clinicians = roster.map((one) => openClinician(cluster, history, one));
  const peers: Person[] = [];
  const callers: Person[] = [];
  let stopping = false;
  /** Talks that a clinician came into. */
  const helped = new Set<string>();
  /** Peers for whom an offer is one they do not see. */
  const blind = new Set<string>();
  for (let i = 0; i < size.peers; i++) {
    const member = await crew.peer();
    await crew.startWork(member.id);
    const peer = createPerson('peer', member, front, history);
    peers.push(peer);
    work(peer);
  }
  for (let i = 0; i < size.callers; i++) {
    const caller = createPerson('caller', await crew.caller(), front, history);
    callers.push(caller);
    caller.watch(answersAsked(caller));
  }

  function work(peer: Person): void {
    const done = new Set<string>();
    const answered = new Map<string, number>();
    const said = new Map<string, number>();
    const once = (what: string, act: () => Promise<unknown>) => {
      if (done.has(what)) return;
      done.add(what);
      act().catch(() => done.delete(what));
    };
    const look = () => {
      const desk = peer.view() as DeskView | null;
      if (!desk) return;
      for (const offer of blind.has(peer.id) ? [] : desk.offers)
        once(`offer ${offer.id}`, () =>
          peer.call('offer.accept', { commandId: commandId(), offerId: offer.id }).catch((e: Error) => {
            if (e.message === 'unknown') throw e; // gone is gone
          }),
        );
      for (const c of desk.conversations) {
        if (c.state !== 'live')
          once(`wrap-up ${c.id}`, () =>
            peer.call('wrapUp.submit', {
              commandId: commandId(),
              conversationId: c.id,
              topic: desk.line?.topics[0] ?? '',
              outcome: desk.line?.outcomes[0] ?? '',
              strain: 1,
              debrief: false,
            }),
          );
        else reply(c.id, c.callerId);
      }
      if (desk.peer.state === 'paused' && !blind.has(peer.id))
        once(`back ${desk.now}`, () => peer.call('peer.setState', { commandId: commandId(), state: 'available' }));
    };
    /** One word for each of the caller's. */
    function reply(conversationId: string, callerId: string): void {
      const theirs = [...(peer.transcripts.get(conversationId)?.values() ?? [])].filter((m) => m.senderId === callerId);
      for (let n = answered.get(conversationId) ?? 0; n < theirs.length; n++) {
        answered.set(conversationId, n + 1);
        peer.send(conversationId).then(
          () => said.set(conversationId, (said.get(conversationId) ?? 0) + 1),
          () => {},
        );
      }
    }
    peer.watch(look);
    if (clinicians.length > 0)
      peer.watch(
        callsForClinicians(
          peer,
          () => !stopping,
          (conversationId) => (said.get(conversationId) ?? 0) >= messagesEach,
        ),
      );
  }

  const talkOf = (caller: Person): string | null => {
    const view = caller.view() as CallerView | null;
    return view?.stage === 'talking' ? view.conversation.id : null;
  };
  const over = (caller: Person) => !['waiting', 'talking'].includes((caller.view() as CallerView | null)?.stage ?? '');

  async function visit(caller: Person): Promise<void> {
    await caller.call('request.open', { commandId: commandId() });
    await caller.until('a talk', () => talkOf(caller) !== null || over(caller) || stopping, 120_000);
    const id = talkOf(caller);
    if (id) await converse(caller, id);
    else if (!over(caller)) await go(caller);
  }
  /** Whoever leaves in the moment in which a peer accepts is in a talk, and ends it. */
  async function go(caller: Person): Promise<void> {
    while (!over(caller)) {
      const id = talkOf(caller);
      await (
        id
          ? caller.call('conversation.end', { commandId: commandId(), conversationId: id, reason: 'finished' })
          : caller.call('request.leave', { commandId: commandId() })
      ).catch(() => {});
      await caller.ask();
    }
  }
  async function converse(caller: Person, id: string): Promise<void> {
    const view = caller.view() as CallerView | null;
    const peerId = view?.stage === 'talking' ? view.conversation.peerId : null;
    const from = (theirs: boolean) =>
      [...(caller.transcripts.get(id)?.values() ?? [])].filter(
        (m) => m.senderId !== caller.id && (m.senderId === peerId) === theirs,
      ).length;
    const heard = () => from(true);
    for (let n = 1; n <= messagesEach; n++) {
      await caller.send(id);
      await caller.until(`word ${n}`, () => heard() >= n || talkOf(caller) !== id, 120_000);
      await setTimeout(20 + Math.random() * 80);
    }
    await staysWhileCalled(caller, id);
    if (withClinician(caller)) helped.add(id);
    if (helped.has(id))
      await caller
        .until('a word of the clinician', () => from(false) > 0 || talkOf(caller) !== id, 5000)
        .catch(() => {});
    if (heard() >= messagesEach && (!helped.has(id) || from(false) > 0)) history.told(caller.id, 'completed', id);
    await caller.call('conversation.end', { commandId: commandId(), conversationId: id, reason: 'finished' });
  }
  /** Until whoever is called has come and gone, or will not come; some have no patience for that. */
  async function staysWhileCalled(caller: Person, id: string): Promise<void> {
    const patient = Math.random() >= (size.impatient ?? 0.125);
    const called = () => (talkOf(caller) === id ? calledFor(caller) : null);
    await caller.until(
      'nobody is called any more',
      () => {
        const now = called();
        return now === null || (!patient && now.state === 'paging');
      },
      60_000,
    );
  }
  const visiting = callers.map(async (caller) => {
    while (!stopping) {
      await visit(caller).catch((e: Error) => history.told(caller.id, 'gaveUp', e.message));
      await setTimeout(50 + Math.random() * 200);
    }
  });

  return {
    peers,
    callers,
    clinicians,
    everybody: () => [...peers, ...callers, ...clinicians],
    blind,
    completed: () => history.entries.filter((e) => e.op === 'completed').length,
    /** Talks in progress come to their end, and everybody goes. @throws when it takes too long: somebody is stuck. */
    async rest(patienceMs = 150_000): Promise<void> {
      stopping = true;
      blind.clear();
      for (const one of [...peers, ...callers, ...clinicians]) one.look();
      await Promise.race([
        Promise.all(visiting),
        setTimeout(patienceMs).then(() => {
          throw new Error('somebody never came to an end');
        }),
      ]);
      const wrapped = () => peers.every((p) => (p.view() as DeskView | null)?.conversations.length === 0);
      for (let i = 0; i < 300 && !wrapped(); i++) {
        await setTimeout(100);
        for (const p of peers) p.look();
      }
    },
    transcripts() {
      const completed = new Set(history.entries.filter((e) => e.op === 'completed').map((e) => String(e.value)));
      return [...peers, ...callers, ...clinicians].flatMap((p) =>
        [...p.transcripts].map(([conversationId, messages]) => {
          const own = [...messages.values()].sort((a, b) => a.seq - b.seq);
          return {
            actor: p.id,
            conversationId,
            // a peer may be out of it before its last word
            completed: completed.has(conversationId) && !(helped.has(conversationId) && !callers.includes(p)),
            seqs: own.map((m) => m.seq),
            clientIds: own.map((m) => m.clientId),
          };
        }),
      );
    },
    close(): void {
      for (const one of [...peers, ...callers, ...clinicians]) one.close();
    },
  };
}
