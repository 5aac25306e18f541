import type { AskForClinician, RaiseEscalation } from '@hearthline/shared/contracts/escalation';
import type { Result } from '@hearthline/shared/contracts/refusals';
import { raise } from '@hearthline/shared/domain/escalation.machine';
import type { Deps } from '../../deps.ts';
import { writeSealed } from '../../keys/recordKeys.ts';
import type { CallerActor, StaffActor } from '../../policies/actor.ts';
import { can } from '../../policies/can.ts';
import { act, allow, Refused, type Tx } from '../command.ts';
import { lockConversation, type LiveConversation } from '../conversations/lockConversation.ts';
import { consentTo } from './consent.ts';
import type { EscalationRow } from './escalationRow.ts';
import { groundOf, move, openEscalation } from './ladder.ts';
import { ownerOut } from './withTalk.ts';

type Raised = Result<{ escalationId: string }>;
type New = Pick<EscalationRow, 'id' | 'kind' | 'raised_by' | 'share'> & {
  /** Null: the caller, whom the conversation names. */
  raisedById: string | null;
  asked?: RaiseEscalation['asked'];
};

/**
 * [ES1] The peer who holds a conversation calls for a clinician. Its id is that of the command, so that pressing once more
 * raises no second one; while one is open there is no other.
 */
export function raiseEscalation(deps: Deps, actor: StaffActor, input: RaiseEscalation): Promise<Raised> {
  return act(deps, { name: 'escalation.raise', actor, commandId: input.commandId, input }, async (tx) => {
    const talk = await lockConversation(tx, input.conversationId);
    allow(can(actor, 'escalation.raise', { peerId: talk.peer_id }), 'conversation.gone');
    if (talk.state !== 'live') throw new Refused('conversation.ended');
    if (input.kind === 'safety' && !input.reason?.trim()) throw new Refused('escalation.reasonMissing');
    const { commandId: id, kind, asked } = input;
    await open(deps, tx, talk, { id, kind, raised_by: 'peer', share: null, raisedById: actor.id, asked });
    for (const field of ['reason', 'summary'] as const)
      if (input[field]?.trim()) await keep(deps, tx, talk.line_id, id, field, input[field]);
    return { escalationId: id };
  });
}

/** [ES1] The caller asks for a clinician themselves (C8), and says at once what may be seen: that is the consent. */
export function askForClinician(deps: Deps, actor: CallerActor, input: AskForClinician): Promise<Raised> {
  return act(deps, { name: 'escalation.ask', actor, commandId: input.commandId, input }, async (tx) => {
    const talk = await lockConversation(tx, input.conversationId);
    allow(can(actor, 'escalation.consent', { callerId: talk.caller_id }), 'conversation.gone');
    if (talk.state !== 'live') throw new Refused('conversation.ended');
    const { commandId: id, share } = input;
    await open(deps, tx, talk, { id, kind: 'handOff', raised_by: 'caller', share, raisedById: null });
    await consentTo(deps, tx, talk, { escalationId: id }, share);
    return { escalationId: id };
  });
}

async function open(deps: Deps, tx: Tx, talk: LiveConversation, of: New): Promise<void> {
  if (!deps.lines.byId(talk.line_id)?.config.escalation) throw new Refused('escalation.notOffered');
  if (await standsInTheWay(deps, tx, talk)) throw new Refused('escalation.open');
  const none = { escalationId: null, calledAt: null };
  const ground = await groundOf(deps, tx, tx.now, {
    lineId: talk.line_id,
    kind: of.kind,
    ...none,
    holderId: talk.peer_id,
  });
  await tx.query(
    `insert into escalation (id, line_id, conversation_id, kind, raised_by, raised_by_id, raised_at, state, share, asked)
     values ($1, $2, $3, $4, $5, $6, $7, 'exhausted', $8, $9)`,
    [of.id, talk.line_id, talk.id, of.kind, of.raised_by, of.raisedById, tx.now, of.share, of.asked ?? null],
  );
  tx.audit('escalation.raised', talk.line_id, of.id, { kind: of.kind, by: of.raised_by, asked: of.asked ?? '-' });
  const row: EscalationRow = {
    ...of,
    line_id: talk.line_id,
    conversation_id: talk.id,
    state: 'exhausted',
    step: 0,
    attempt: 0,
    paged_id: null,
    next_due_at: null,
    called_at: null,
    owner_id: null,
  };
  await move(deps, tx, { row, talk }, raise(of.kind, of.raised_by, ground), ground);
}

/** [ES15] One is open, and whoever joined it is here: one who left, or whose browser is lost, can be followed by another. */
async function standsInTheWay(deps: Deps, tx: Tx, talk: LiveConversation): Promise<boolean> {
  const row = await openEscalation(tx, talk.id);
  if (row?.state !== 'joined' || !row.owner_id) return row !== null;
  const here = await tx.query(
    `select 1 from participant p join conversation c on c.id = p.conversation_id
     where (c.id = $1 or c.side_of = $1) and c.state = 'live' and p.party_id = $2 and p.left_at is null and p.lost_at is null limit 1`,
    [talk.id, row.owner_id],
  );
  if (here.rows.length === 0) await ownerOut(deps, tx, talk, row.owner_id);
  return here.rows.length > 0;
}

/** Sealed under a key of this escalation's own. */
export const keep = (
  deps: Deps,
  tx: Tx,
  lineId: string,
  escalationId: string,
  field: 'reason' | 'summary',
  text: string,
) => writeSealed(tx, deps.ring, { ownerKind: 'escalation', ownerId: escalationId, lineId, field, text, now: tx.now });
