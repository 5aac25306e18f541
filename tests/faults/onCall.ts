import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { LineConfig } from '@hearthline/shared/contracts/line';
import type { CallerView, ClinicianView, DeskView } from '@hearthline/shared/contracts/views';
import type { Crew, Member } from '../support/crew.ts';
import type { Cluster } from './cluster.ts';
import type { History } from './history.ts';
import { createPerson, type Person } from './person.ts';

/** Far shorter than a line may have it, so that a run sees it climb. */
export const ladder: NonNullable<LineConfig['escalation']> = {
  steps: [
    { layer: 'primary', seconds: 2, times: 1 },
    { layer: 'backup', seconds: 2, times: 1 },
    { layer: 'last', seconds: 2, times: 1 },
  ],
  joinSeconds: 3,
  askSeconds: 3,
  announceConsult: false,
  protocol: ['Stay with them.'],
};
const commandId = () => randomUUID();
type OnCall = Member & { number: string | null };
export type Roster = Awaited<ReturnType<typeof fillRoster>>;

/** One on call a layer: by the alarm in their page, by the gateway, by both; and a coordinator for when nobody answers. */
export async function fillRoster(crew: Crew) {
  const alarm = { kind: 'alarm' as const };
  const webhook = (number: string) => ({ kind: 'webhook' as const, number });
  await crew.coordinator([webhook('+15550100900')]);
  const [second, third] = ['+15550100902', '+15550100903'] as const;
  return [
    { ...(await crew.clinician('primary', 1, [alarm])), number: null },
    { ...(await crew.clinician('backup', 2, [webhook(second)])), number: second },
    { ...(await crew.clinician('last', 3, [alarm, webhook(third)])), number: third },
  ] satisfies OnCall[];
}

/** What a clinician does with a call: by lot, a call each. */
const answers = ['comes', 'comes', 'comes', 'silent', 'cannot', 'neverJoins'] as const;
const lot = <T>(of: readonly T[]): T => of[Math.floor(Math.random() * of.length)] as T;

/** A clinician whose page is open. Whoever is reached by the gateway alone looks at it when it rings, and then until it is over. */
export function openClinician(cluster: Cluster, history: History, member: OnCall): Person {
  const clinician = createPerson('clinician', member, cluster.front.proxy, history);
  const done = new Set<string>();
  const plans = new Map<string, (typeof answers)[number]>();
  const looks = member.number === null || member.number.endsWith('3');
  let rang = looks;
  const once = (what: string, act: () => Promise<unknown>) => {
    if (done.has(what)) return;
    done.add(what);
    act().catch((e: Error) => {
      if (e.message === 'unknown') done.delete(what); // all other answers stand
    });
  };
  const look = () => {
    const view = clinician.view() as ClinicianView | null;
    if (!view || !rang) return;
    for (const { id, mine, state, conversationId } of view.escalations) {
      const of = { escalationId: id };
      const plan = plans.get(id) ?? lot(answers);
      plans.set(id, plan);
      if (mine === 'ringing') {
        once(`shown ${id}`, () => clinician.call('page.shown', of));
        if (plan === 'cannot')
          once(`no ${id}`, () => clinician.call('escalation.decline', { commandId: commandId(), ...of }));
        else if (plan !== 'silent')
          once(`on it ${id}`, async () => {
            await setTimeout(100 + Math.random() * 500);
            await clinician.call('escalation.acknowledge', { commandId: commandId(), ...of });
          });
      }
      if (mine === 'yours' && state === 'acknowledged' && plan === 'comes')
        once(`join ${id}`, () => clinician.call('escalation.join', { commandId: commandId(), ...of }));
      if (mine === 'yours' && (state === 'joined' || state === 'left'))
        once(`close ${id}`, () => help(id, conversationId));
    }
    for (const c of view.conversations)
      if (c.state === 'live' && done.has(`closed ${c.id}`) && !c.can.includes('end'))
        once(`leave ${c.id}`, () =>
          clinician.call('conversation.leave', { commandId: commandId(), conversationId: c.id }),
        );
  };
  /** A word, and how it ended. Whoever holds the talk by then stays until its caller ends it. */
  async function help(escalationId: string, conversationId: string): Promise<void> {
    await clinician.send(conversationId).catch(() => {});
    await setTimeout(300 + Math.random() * 500);
    const told = { disposition: 'advised' as const, told: 'They were heard.' };
    await clinician.call('escalation.close', { commandId: commandId(), escalationId, ...told });
    done.add(`closed ${conversationId}`);
    clinician.look();
  }
  clinician.watch(look);
  if (member.number)
    cluster.gateway.phone(member.number, () => {
      rang = true;
      void clinician.ask().then(clinician.look);
    });
  return clinician;
}

/** A peer presses once a talk, stays until somebody came, and takes it back when all were called. */
export function callsForClinicians(
  peer: Person,
  mayPress: () => boolean,
  saidAll: (conversationId: string) => boolean,
): () => void {
  const done = new Set<string>();
  const once = (what: string, act: () => Promise<unknown>) => {
    if (done.has(what)) return;
    done.add(what);
    act().catch((e: Error) => {
      if (e.message === 'unknown') done.delete(what);
    });
  };
  return () => {
    const desk = peer.view() as DeskView | null;
    for (const { id: conversationId, state, can, escalation } of desk?.conversations ?? []) {
      if (state !== 'live') continue;
      if (!escalation && can.includes('raise') && mayPress() && (peer.transcripts.get(conversationId)?.size ?? 0) > 0)
        once(`press ${conversationId}`, async () => {
          if (Math.random() < 0.3) return; // this one needs nobody
          const kind = Math.random() < 0.75 ? ('handOff' as const) : ('safety' as const);
          const raised = peer.call('escalation.raise', {
            commandId: commandId(),
            conversationId,
            kind,
            reason: 'Asks about tablets.',
          });
          if (Math.random() < 0.2) globalThis.setTimeout(peer.drop, 50 + Math.random() * 1000); // their network goes meanwhile
          await raised;
        });
      if (escalation?.state === 'exhausted' && escalation.can.includes('withdraw'))
        once(`back ${escalation.id}`, () =>
          peer.call('escalation.withdraw', { commandId: commandId(), escalationId: escalation.id }),
        );
      const alone = !escalation || escalation.state !== 'joined';
      if (!alone && saidAll(conversationId))
        once(`leave ${conversationId}`, async () => {
          if (Math.random() < 0.5) await peer.call('conversation.leave', { commandId: commandId(), conversationId });
        });
    }
  };
}

/** A caller says yes, or no, or nothing. */
export function answersAsked(caller: Person): () => void {
  const done = new Set<string>();
  return () => {
    const view = caller.view() as CallerView | null;
    const asked = view?.stage === 'talking' ? view.conversation.escalation : null;
    if (asked?.state !== 'asking' || done.has(asked.id)) return;
    done.add(asked.id);
    const answer = lot(['yes', 'yes', 'yes', 'yes', 'yes', 'yes', 'no', 'nothing'] as const);
    if (answer === 'nothing') return;
    const share = lot(['nothing', 'conversation'] as const);
    const said = answer === 'yes' ? { yes: true, share } : { yes: false };
    caller.call('escalation.answer', { commandId: commandId(), escalationId: asked.id, ...said }).catch((e: Error) => {
      if (e.message === 'unknown') done.delete(asked.id);
    });
  };
}

/** Somebody is being called for the talk of this caller, or is in it and has not said yet how it ended. */
export const calledFor = (
  caller: Person,
): NonNullable<(CallerView & { stage: 'talking' })['conversation']['escalation']> | null => {
  const view = caller.view() as CallerView | null;
  return view?.stage === 'talking' ? view.conversation.escalation : null;
};

/** One is in the talk of this caller, or was. */
export const withClinician = (caller: Person): boolean => {
  const view = caller.view() as CallerView | null;
  if (view?.stage !== 'talking') return false;
  return [...view.conversation.parties, ...view.conversation.left].some((p) => p.role === 'clinician');
};
