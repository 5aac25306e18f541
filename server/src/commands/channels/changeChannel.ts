import type { TalkChannel } from '@hearthline/shared/contracts/ids';
import type { Result } from '@hearthline/shared/contracts/refusals';
import {
  answerProposal,
  isCall,
  propose,
  withdraw,
  type Party,
  type Talking,
} from '@hearthline/shared/domain/channel.machine';
import { costOf } from '@hearthline/shared/domain/peer.machine';
import type { Deps } from '../../deps.ts';
import type { CallerActor, StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { lockConversation, type LiveConversation } from '../conversations/lockConversation.ts';
import { act, allow, orRefuse, Refused, type Tx } from '../command.ts';
import { closeRoom, openRoom } from '../media/rooms.ts';
import { mustHold } from '../parties/addParty.ts';
import { membership, staffIn, toldOf } from '../parties/staffIn.ts';

type Who = CallerActor | StaffActor;
type Done = Promise<Result<{ done: true }>>;
type Input = { commandId: string; conversationId: string };

export const proposeChannel = (deps: Deps, actor: Who, input: Input & { channel: TalkChannel }): Done =>
  change(deps, actor, 'channel.propose', input, (now, by) => propose(now, by, input.channel));

export const answerChannel = (deps: Deps, actor: Who, input: Input & { channel: TalkChannel; yes: boolean }): Done =>
  change(deps, actor, 'channel.answer', input, (now, by) => answerProposal(now, by, input.channel, input.yes));

export const withdrawChannel = (deps: Deps, actor: Who, input: Input): Done =>
  change(deps, actor, 'channel.withdraw', input, withdraw);

/**
 * [CH6] The conversation, its place with the peer and its room change together, and nobody queues again (C3). [CH8] A telephone
 * has one channel. [CT1] The two sides are the caller and whoever holds it.
 */
function change(
  deps: Deps,
  actor: Who,
  name: string,
  input: Input,
  decide: (now: Talking, by: Party) => Result<Talking>,
): Done {
  return act(deps, { name, actor, commandId: input.commandId, input }, async (tx) => {
    const talk = await lockConversation(tx, input.conversationId);
    const who = membership(talk, await staffIn(tx, talk.id));
    allow(can(actor, 'conversation.read', who), 'conversation.gone');
    allow(can(actor, 'channel.change', who), 'control.notYours');
    if (talk.state !== 'live') throw new Refused('conversation.ended');
    if (talk.channel === 'phone') throw new Refused('channel.phone');
    const now = talkingOf(talk, talk.channel);
    const next = orRefuse(decide(now, actor.kind === 'caller' ? 'caller' : 'peer'));
    const offered = deps.lines.byId(talk.line_id)?.config.channels ?? [];
    const wanted = next.proposal?.channel ?? next.channel;
    if (isCall(wanted) && wanted !== now.channel) {
      if (deps.media.kind === 'off' || !offered.includes(wanted)) throw new Refused('media.off');
      if (deps.media.calls().state === 'down' && !isCall(now.channel)) throw new Refused('media.down');
    }
    if (isCall(wanted)) {
      mustHold(deps, wanted, who.staff.length);
      await mustHaveRoom(tx, talk);
    }
    await tx.query('update conversation set channel = $2, proposed_channel = $3, proposed_by = $4 where id = $1', [
      talk.id,
      next.channel,
      next.proposal?.channel ?? null,
      next.proposal?.by ?? null,
    ]);
    if (next.channel !== now.channel) await moved(tx, talk, next.channel);
    tx.emit({ type: 'conversation.channel', ...(await toldOf(tx, talk)) });
    tx.audit(name, talk.line_id, talk.id, { channel: next.channel, asked: next.proposal?.channel ?? '' });
    return { done: true as const };
  });
}

const talkingOf = (talk: LiveConversation, channel: TalkChannel): Talking => ({
  channel,
  proposal: talk.proposed_channel && talk.proposed_by ? { channel: talk.proposed_channel, by: talk.proposed_by } : null,
});

/** [CH7] A call takes all of each peer in it: with somebody else beside, it is refused before anybody is asked. */
async function mustHaveRoom(tx: Tx, talk: LiveConversation): Promise<void> {
  for (const peer of await peersIn(tx, talk)) if (peer.load > peer.cost) throw new Refused('channel.noRoom');
}

type PeerIn = { id: string; load: number; chat_limit: number; cost: number; later: boolean };
/** Whose room it takes, locked. A peer who has left pays no more than it cost then, and a clinician pays nothing. */
async function peersIn(tx: Tx, talk: LiveConversation): Promise<PeerIn[]> {
  const { rows } = await tx.query<PeerIn>(
    `select s.staff_id as id, s.load, s.chat_limit, coalesce(p.cost, $2) as cost, p.cost is not null as later
     from participant p join peer_state s on s.staff_id = p.party_id
     where p.conversation_id = $1 and p.role = 'peer' and p.left_at is null order by s.staff_id for update of s`,
    [talk.id, talk.cost],
  );
  return rows;
}

async function moved(tx: Tx, talk: LiveConversation, channel: TalkChannel): Promise<void> {
  for (const peer of await peersIn(tx, talk)) {
    const cost = costOf(channel, peer.chat_limit);
    const fits = await tx.query(
      'update peer_state set load = load + $2, rev = rev + 1 where staff_id = $1 and load + $2 between 0 and 100',
      [peer.id, cost - peer.cost],
    );
    if (fits.rowCount === 0) throw new Refused('channel.noRoom');
    if (!peer.later) await tx.query('update conversation set cost = $2 where id = $1', [talk.id, cost]);
    else
      await tx.query('update participant set cost = $3 where conversation_id = $1 and party_id = $2', [
        talk.id,
        peer.id,
        cost,
      ]);
  }
  // whoever has to queue again after all (CO3) asks for what was last agreed on
  await tx.query('update request set channel = $2, rev = rev + 1 where id = $1', [talk.request_id, channel]);
  if (!isCall(channel)) await closeRoom(tx, talk.id);
  else if (!isCall(talk.channel)) await openRoom(tx, talk.id, true);
}
