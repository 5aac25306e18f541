import type { Result } from '@hearthline/shared/contracts/refusals';
import { onDue } from '@hearthline/shared/domain/escalation.machine';
import type { Deps } from '../../deps.ts';
import { system } from '../../policies/actor.ts';
import { act } from '../command.ts';
import { absent } from '../conversations/lockConversation.ts';
import { machineOf } from './escalationRow.ts';
import { groundFor, lockEscalation, move } from './ladder.ts';

/** [ES4] Its time is over: by the due row, judged on the locked row, never before (I8, I26). */
export function goOn(deps: Deps, escalationId: string): Promise<Result<{ done: boolean }>> {
  return act(deps, { name: 'escalation.goOn', actor: system }, async (tx) => {
    const found = await lockEscalation(tx, escalationId).catch(absent);
    if (!found) return { done: false };
    const ground = await groundFor(deps, tx, found);
    const next = onDue(machineOf(found.row), ground);
    if (next) await move(deps, tx, found, next, ground);
    return { done: next !== null };
  });
}
