import { randomUUID } from 'node:crypto';
import type { Share } from '@hearthline/shared/contracts/escalation';
import { disclosureOf, programOf } from '@hearthline/shared/domain/disclosure';
import type { Deps } from '../../deps.ts';
import { Refused, type Tx } from '../command.ts';
import type { LiveConversation } from '../conversations/lockConversation.ts';
import { consentFor, type ConsentOf } from './consent.ts';

const scopeOf: Record<Share, 'talk' | 'talkAndSummary' | 'talkAndBefore'> = {
  nothing: 'talk',
  summary: 'talkAndSummary',
  conversation: 'talkAndBefore',
};
type To = {
  staffId: string;
  /** The line through which they come. */
  lineId: string;
  /** A life is at risk. */
  emergency: boolean;
};

/**
 * [CS4] Somebody is about to come into a talk of a program under 42 CFR Part 2, or to hear of it. Nobody of another organisation does
 * without a consent of its caller that stands, but where a life is at risk. [CS5] Each time is written down: to whom, what, on which
 * ground; the notice stands above the talk for as long as they have it (CS6).
 * @throws Refused disclosure.refused
 */
export async function disclose(deps: Deps, tx: Tx, talk: LiveConversation, of: ConsentOf, to: To): Promise<void> {
  const program = programOf(deps.lines.byId(talk.line_id)?.config);
  if (program === null) return;
  const { rows } = await tx.query<{ organisation: string | null }>('select organisation from staff where id = $1', [
    to.staffId,
  ]);
  const organisation = rows[0]?.organisation ?? null;
  const theirProgram = programOf(deps.lines.byId(to.lineId)?.config);
  const consent = await consentFor(tx, of);
  const found = disclosureOf({
    program,
    organisation,
    theirProgram,
    consent: consent !== null,
    emergency: to.emergency,
  });
  if (found === 'refused') throw new Refused('disclosure.refused');
  if (found === 'free') return;
  const on = found === 'consent' ? consent : null;
  const [scope, recipient] = [scopeOf[on?.share ?? 'nothing'], organisation ?? theirProgram ?? otherLine];
  await tx.query(
    `insert into disclosure (id, at, line_id, conversation_id, staff_id, organisation, program, ground, scope, consent_id, consent_version)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      randomUUID(),
      tx.now,
      talk.line_id,
      talk.id,
      to.staffId,
      recipient,
      program,
      found,
      scope,
      on?.id ?? null,
      on?.version ?? null,
    ],
  );
  tx.audit('disclosure.made', talk.line_id, talk.id, {
    staffId: to.staffId,
    ground: found,
    scope,
    version: on?.version ?? 0,
  });
}

/** Of somebody whose line is no program and who names no organisation. */
const otherLine = 'another line';
