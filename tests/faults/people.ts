import { randomBytes, randomUUID } from 'node:crypto';
import type { Message } from '@hearthline/shared/contracts/message';
import type { CallerView, DeskView } from '@hearthline/shared/contracts/views';
import type { History } from './history.ts';
import { openLine, pause, type Line, type Way } from './person.ts';

export type World = { ways: readonly Way[]; random: () => number; history: History; userAgent: string };
type Login = { id: string; name: string; cookie: string };

/** One side's transcript as a page shows it: in order, each once, what is missing is fetched. */
function transcript(line: () => Line, name: string, history: History) {
  const shown = new Map<string, number>();
  const busy = new Set<string>();
  function show(m: Message): void {
    const last = shown.get(m.conversationId) ?? 0;
    if (m.seq === last + 1) {
      shown.set(m.conversationId, m.seq);
      const { conversationId, seq, clientId, senderId, sentAt } = m;
      history.add(name, 'shown', 'info', { conversationId, seq, clientId, senderId, sentAt });
    } else if (m.seq > last + 1) void fetch(m.conversationId, m.seq);
  }
  async function fetch(conversationId: string, upTo: number): Promise<void> {
    if (busy.has(conversationId) || (shown.get(conversationId) ?? 0) >= upTo) return;
    busy.add(conversationId);
    try {
      for (;;) {
        const page = await line().call('message.fetch', { conversationId, after: shown.get(conversationId) ?? 0 });
        if (!page.ok) return; // the next message, heartbeat or connect asks again
        page.value.messages.forEach(show);
        if ((shown.get(conversationId) ?? 0) >= page.value.lastSeq || page.value.messages.length === 0) return;
      }
    } finally {
      busy.delete(conversationId);
    }
  }
  return { show, fetch };
}

/** Sends one text after the other, each with its own client id until it is answered. */
async function write(
  line: Line,
  talk: () => { id: string; epoch: number } | null,
  random: () => number,
  on: () => boolean,
) {
  while (on()) {
    const now = talk();
    if (now)
      await line.command('message.send', {
        conversationId: now.id,
        epoch: now.epoch,
        clientId: randomUUID(),
        iv: randomBytes(12).toString('base64'),
        ciphertext: randomBytes(272).toString('base64'),
      });
    await pause(100 + 300 * random());
  }
}

export type Caller = ReturnType<typeof simulatedCaller>;
/** Asks, waits, talks, and ends some of the conversations; then asks again. */
export function simulatedCaller(me: Login, world: World) {
  const { random, history } = world;
  let view: CallerView | null = null;
  let active = true;
  const pages = transcript(() => line, me.name, history);
  const see = (next: CallerView) => {
    if (view && next.now < view.now) return; // an older one came late
    view = next;
    const place = next.stage === 'waiting' ? { requestId: next.requestId, place: next.place } : {};
    history.add(me.name, 'view', 'info', { stage: next.stage, ...place });
    if (next.stage === 'talking') void pages.fetch(next.conversation.id, next.conversation.lastSeq);
  };
  const line: Line = openLine({ ...me, as: 'caller', userAgent: world.userAgent }, world.ways, random, history, {
    event(name, payload) {
      if (name === 'caller.view') see(payload as CallerView);
      else if (name === 'message') pages.show(payload as Message);
      else if (name === 'heartbeat') beat(payload as { lastSeq: Record<string, number> }, pages.fetch);
    },
    async again() {
      const answer = await line.call('caller.view', {});
      if (answer.ok) see(answer.value);
    },
  });
  const talk = () => (view?.stage === 'talking' ? { id: view.conversation.id, epoch: view.conversation.epoch } : null);
  async function live() {
    while (active) {
      if (view && ['ready', 'ended', 'out'].includes(view.stage)) {
        const opened = await line.command('request.open', { commandId: randomUUID() });
        if (opened.ok) see(opened.value);
      } else if (view?.stage === 'waiting' && random() < 0.02) {
        const left = await line.command('request.leave', { commandId: randomUUID() });
        if (left.ok) see(left.value);
      } else if (talk() && random() < 0.05) {
        const conversationId = talk()?.id ?? '';
        await line.command('conversation.end', { commandId: randomUUID(), conversationId, reason: 'finished' });
      }
      await pause(200 + 300 * random());
    }
  }
  const living = [live(), write(line, talk, random, () => active)];
  return person(
    me,
    line,
    () => (active = false),
    living,
    () => view,
  );
}

export type Peer = ReturnType<typeof simulatedPeer>;
/** Takes what is offered, talks, wraps up. Lets about one offer in ten pass, or declines it. */
export function simulatedPeer(me: Login, world: World) {
  const { random, history } = world;
  let view: DeskView | null = null;
  let active = true;
  const answering = new Set<string>();
  const pages = transcript(() => line, me.name, history);
  const see = (next: DeskView) => {
    if (view && next.now < view.now) return;
    view = next;
    const offers = next.offers.map((o) => o.id);
    const talks = next.conversations.map((c) => c.id);
    history.add(me.name, 'view', 'info', { state: next.peer.state, offers, talks });
    for (const c of next.conversations) void pages.fetch(c.id, c.lastSeq);
  };
  const line: Line = openLine({ ...me, as: 'staff', userAgent: world.userAgent }, world.ways, random, history, {
    event(name, payload) {
      if (name === 'desk.view') see(payload as DeskView);
      else if (name === 'message') pages.show(payload as Message);
      else if (name === 'heartbeat') beat(payload as { lastSeq: Record<string, number> }, pages.fetch);
    },
    async again() {
      const answer = await line.call('desk.view', {});
      if (answer.ok) see(answer.value);
    },
  });
  const talk = () => {
    const live = view?.conversations.find((c) => c.state === 'live');
    return live ? { id: live.id, epoch: live.epoch } : null;
  };
  async function answer(offerId: string) {
    answering.add(offerId);
    await pause(100 + 400 * random());
    if (random() < 0.08) return; // looked away: it expires
    const door = random() < 0.1 ? 'offer.decline' : 'offer.accept';
    const answered = await line.command(door, { commandId: randomUUID(), offerId });
    if (answered.ok) see(answered.value);
  }
  async function live() {
    while (active) {
      for (const offer of view?.offers ?? []) if (!answering.has(offer.id)) void answer(offer.id);
      if (view?.peer.state === 'paused') {
        const back = await line.command('peer.setState', { commandId: randomUUID(), state: 'available' });
        if (back.ok) see(back.value);
      }
      for (const c of view?.conversations ?? [])
        if (c.state === 'wrapUp') {
          const about = { topic: view?.line?.topics[0] ?? '', outcome: view?.line?.outcomes[0] ?? '' };
          const input = { conversationId: c.id, ...about, strain: 1, debrief: false };
          const done = await line.command('wrapUp.submit', { commandId: randomUUID(), ...input });
          if (done.ok) see(done.value);
        }
      await pause(200 + 200 * random());
    }
  }
  const living = [live(), write(line, talk, random, () => active)];
  return person(
    me,
    line,
    () => (active = false),
    living,
    () => view,
  );
}

function person<V>(me: Login, line: Line, stop: () => void, living: Promise<void>[], view: () => V) {
  return {
    ...me,
    line,
    view,
    /** Does nothing new; goes on hearing. Resolves when what was begun has its answer. */
    async rest() {
      stop();
      await Promise.race([Promise.all(living), pause(20_000)]);
    },
    close: () => (stop(), line.close()),
  };
}

function beat({ lastSeq }: { lastSeq: Record<string, number> }, fetch: (id: string, upTo: number) => Promise<void>) {
  for (const [id, seq] of Object.entries(lastSeq)) void fetch(id, seq);
}
