import { randomUUID } from 'node:crypto';
import type { DeskConversation, DeskOffer, DeskView } from '@hearthline/shared/contracts/views';
import { openLink, type Link } from './link.ts';
import { openTalk, type Talk } from './talk.ts';
import { oneOf, type Town } from './town.ts';
import { farewell, greetings, listening } from './words.ts';

export type SimulatedPeer = {
  /** Ends what is open in the right order: conversations, wrap-ups, the shift. */
  goHome(): Promise<void>;
};

/** Takes one chat at a time, unhurried, so that a person who tries the desk by hand gets offers too. */
export async function simulatedPeer(town: Town, name: string, cookie: string): Promise<SimulatedPeer> {
  const link = openLink(town.url, 'staff', cookie);
  const talks = new Map<string, Talk>();
  const busyWith = new Set<string>();
  /** Each thing once; what was refused is tried again when the desk is told the next time. */
  const once = (id: string, act: () => Promise<unknown>) => {
    if (busyWith.has(id) || town.stopped) return;
    busyWith.add(id);
    act().catch((e: Error) => {
      if (!town.stopped) town.say(`${name}: ${e.message}`);
      busyWith.delete(id);
    });
  };
  const commandId = () => randomUUID();
  const available = () => link.call('peer.setState', { commandId: commandId(), state: 'available' });

  async function accept(offer: DeskOffer): Promise<void> {
    await town.pause(5, 14);
    if (!town.stopped) await link.call('offer.accept', { commandId: commandId(), offerId: offer.id });
  }
  async function converse(c: DeskConversation): Promise<void> {
    const talk = openTalk(town, link, c);
    talks.set(c.id, talk);
    await town.pause(2, 4);
    await talk.say(oneOf(greetings));
    for (let n = Math.floor(Math.random() * listening.length); !talk.over && !town.stopped;) {
      const words = await talk.next(120);
      if (words === null) continue;
      await town.pause(3, 8);
      await talk.say(listening[n++ % listening.length] ?? '');
    }
  }
  async function wrapUp(line: NonNullable<DeskView['line']>, c: DeskConversation): Promise<void> {
    await town.pause(6, 12);
    if (town.stopped) return; // written when going home
    const about = { topic: oneOf(line.topics), outcome: line.outcomes[0] ?? '', strain: oneOf([1, 1, 2]) };
    await link.call('wrapUp.submit', { commandId: commandId(), conversationId: c.id, ...about, debrief: false });
    town.say(`${name} has written the wrap-up`);
  }

  link.on('desk.view', (desk) => {
    for (const offer of desk.offers) once(offer.id, () => accept(offer));
    for (const c of desk.conversations) {
      if (c.state === 'live') once(c.id, () => converse(c));
      else {
        talks.get(c.id)?.end();
        if (desk.line) once(`wrap-up of ${c.id}`, () => wrapUp(desk.line as NonNullable<DeskView['line']>, c));
      }
    }
    if (desk.peer.state === 'paused') once(`back at ${desk.now}`, available);
  });
  await link.call('shift.start', { commandId: commandId() });
  await link.call('peer.setLimit', { commandId: commandId(), chats: 1 });
  await available();
  town.say(`${name} is on shift`);

  return {
    async goHome() {
      await goHome(link, talks).catch((e: Error) => town.say(`${name} could not end the shift: ${e.message}`));
      for (const talk of talks.values()) talk.end();
      link.close();
    },
  };
}

async function goHome(link: Link, talks: Map<string, Talk>): Promise<void> {
  const commandId = () => randomUUID();
  let desk = await link.call('peer.setState', { commandId: commandId(), state: 'finishing' });
  for (const { id: conversationId } of desk.conversations.filter((c) => c.state === 'live')) {
    await talks
      .get(conversationId)
      ?.say(farewell)
      .catch(() => {});
    const ending = { commandId: commandId(), conversationId, reason: 'finished' } as const;
    await link.call('conversation.end', ending).catch(() => {}); // the caller was faster
  }
  desk = await link.call('desk.view', {});
  for (const { id: conversationId } of desk.conversations)
    await link
      .call('wrapUp.submit', {
        commandId: commandId(),
        conversationId,
        topic: desk.line?.topics.at(-1) ?? '',
        outcome: desk.line?.outcomes.at(-1) ?? '',
        strain: 1,
        debrief: false,
      })
      .catch(() => {}); // written already
  await link.call('shift.end', { commandId: commandId() });
}
