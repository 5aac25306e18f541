import { acknowledgePage, closeEscalation, declinePage } from '../acts/escalations.ts';
import { joinEscalation } from '../acts/join.ts';
import { sendMessage } from '../acts/messages.ts';
import { handOver, leaveTalk } from '../acts/parties.ts';
import { endTalk } from '../acts/talks.ts';
import type { Process } from '../processes.ts';
import type { World } from '../world.ts';

const minute = 60_000;
const takeOver = (p: Process, id: string, commandId: string, talkId: string) => handOver(p, id, commandId, talkId, id);

/** Everybody may press anything: by chance, on what is there or was. */
export function somebodyPresses(world: World): void {
  const random = world.random.stream('nonsense');
  const people = [...world.people.values()].filter((p) => p.server);
  const ids = [...world.store.live('escalation').keys()];
  const talks = [...world.store.live('talk').keys()];
  if (people.length > 0 && ids.length > 0 && talks.length > 0) {
    const who = random.pick(people);
    const id = random.pick(ids);
    const run = random.pick([acknowledgePage, declinePage, joinEscalation, closeEscalation]);
    who.ask(`nonsense ${run.name}`, (p, commandId) => run(p, who.id, { commandId, id }));
    const talk = random.pick(talks);
    const strange = random.pick([leaveTalk, endTalk, sendMessage, takeOver]);
    who.ask(`nonsense ${strange.name}`, (p, c) => strange(p, who.id, c, talk));
  }
  world.after(random.whole(5 * minute, 30 * minute), 'somebody presses anything', () => somebodyPresses(world));
}
