import type { Result } from '@hearthline/shared/contracts/refusals';
import { acknowledgePage, closeEscalation, declinePage } from '../acts/escalations.ts';
import { joinEscalation } from '../acts/join.ts';
import { sendMessage } from '../acts/messages.ts';
import { handOver, leaveTalk } from '../acts/parties.ts';
import { endTalk } from '../acts/talks.ts';
import type { Process } from '../processes.ts';
import type { World } from '../world.ts';
import { createPerson } from './person.ts';

const minute = 60_000;
/** What somebody does who was called: each of them has been seen. */
const ways = { comes: 50, late: 12, never: 14, declines: 10, twice: 4, vanishes: 6, declinesAfter: 4 };

/** Sleeps, mostly without a page open; hears what arrives. */
export function clinicianSleeps(world: World, id: string): void {
  const me = createPerson(world, id, 'clinician');
  const { random } = me;
  const heard = new Set<string>();
  const had = new Set<string>();
  type Answers = (p: Process, staffId: string, of: { commandId: string; id: string }) => Result<unknown>;
  const act = (name: string, run: Answers, of: string) =>
    me.ask(name, (p, commandId) => run(p, id, { commandId, id: of }));

  me.paged = ({ escalationId: of }) => {
    if (heard.has(of) && random.chance(0.7)) return;
    heard.add(of);
    const way = random.weighed(ways);
    if (way === 'never') return;
    if (!me.server) me.later(random.whole(500, 20_000), 'opens the page', me.connect);
    const answersIn = way === 'late' ? random.whole(2 * minute, 10 * minute) : random.whole(1000, 90_000);
    me.later(answersIn, way, () => {
      if (way === 'declines') return act('decline', declinePage, of);
      act("I'm on it", acknowledgePage, of);
      if (way === 'twice') act("I'm on it (again)", acknowledgePage, of);
      if (way === 'declinesAfter')
        return me.later(random.whole(1000, 60_000), 'cannot', () => act('decline', declinePage, of));
      if (way !== 'vanishes') me.later(random.whole(1000, 150_000), 'joins', () => act('join', joinEscalation, of));
    });
  };

  me.told = () => {
    if (!me.server) return;
    for (const e of world.store.live('escalation').values())
      // again each time that they come in
      if (e.state === 'joined' && e.ownerId === id && !had.has(`${e.talkId} ${e.since}`)) {
        had.add(`${e.talkId} ${e.since}`);
        helps(e.id, e.talkId);
      }
  };

  function helps(of: string, talkId: string): void {
    for (let n = random.whole(1, 4); n > 0; n--)
      me.later(random.whole(1000, 8 * minute), 'writes', () =>
        me.ask('write', (p, c) => sendMessage(p, id, c, talkId)),
      );
    const goes = random.whole(30_000, 15 * minute);
    const how = random.weighed({ leaves: 5, ends: 3, handsBack: 2, lost: 2 });
    const holder = () => world.store.get('talk', talkId)?.peerId;
    me.later(goes, how, () => {
      const first = world.store.of('participant', talkId).find((x) => x.role === 'peer');
      if (how === 'lost') me.losePage(random.chance(0.5) ? 'closed' : 'silent', random.whole(1000, 10 * minute));
      if (how === 'ends') me.ask('end', (p, c) => endTalk(p, id, c, talkId));
      if (how === 'handsBack' && first && holder() === id)
        me.ask('hand back', (p, c) => handOver(p, id, c, talkId, first.partyId));
      me.later(random.whole(1000, 60_000), 'leaves', () => me.ask('leave', (p, c) => leaveTalk(p, id, c, talkId)));
    });
    if (random.chance(0.3))
      me.later(goes + random.whole(1000, 5 * minute), 'comes again', () => act('join again', joinEscalation, of));
    if (random.chance(0.35))
      me.later(random.whole(1000, goes), 'is lost', () => me.losePage('closed', random.whole(1000, 10 * minute)));
    if (random.chance(0.2))
      me.later(goes / 2, 'would hold it', () => me.ask('take over', (p, c) => handOver(p, id, c, talkId, id)));
    if (random.chance(0.95))
      me.later(goes + random.whole(-20_000, 10 * minute), 'closes', () =>
        me.ask('close', (p, commandId) => closeEscalation(p, id, { commandId, id: of })),
      );
  }

  /** A page stands open now and then, and the roster changes. */
  function lives(): void {
    if (random.chance(0.4)) me.connect();
    else if (me.server) me.losePage('closed', random.whole(minute, 120 * minute));
    if (random.chance(0.1)) {
      const layer = random.pick(world.line.config.escalation.steps).layer;
      const until = world.now + random.whole(30, 300) * minute;
      world.line.roster.override(
        layer,
        world.now,
        until,
        random.chance(0.3) ? null : random.pick(world.line.clinicians),
      );
    }
    me.later(random.whole(30 * minute, 180 * minute), 'lives', lives);
  }
  lives();
}
