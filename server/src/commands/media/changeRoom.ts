import type { Result } from '@hearthline/shared/contracts/refusals';
import { isCall } from '@hearthline/shared/domain/channel.machine';
import type { Deps } from '../../deps.ts';
import { system } from '../../policies/actor.ts';
import { absent, lockConversation } from '../conversations/lockConversation.ts';
import { act } from '../command.ts';
import { toldOf } from '../parties/staffIn.ts';
import { closeRoom, openRoom, roomOf } from './rooms.ts';

type Left = { conversation_id: string; generation: number; name: string; sid: string | null };

/**
 * [ME3] The next room, once a generation: everybody who belongs there is told and joins it, and whoever does not is left in one
 * that ends. [PH5] A telephone cannot be moved: there is no next room for it.
 */
export function changeRoom(
  deps: Deps,
  conversationId: string,
  generation: number,
  why: 'forgotten' | 'stranger' | 'removed',
): Promise<Result<{ done: boolean }>> {
  return act(deps, { name: 'media.changeRoom', actor: system }, async (tx) => {
    const talk = await lockConversation(tx, conversationId).catch(absent);
    if (talk?.state !== 'live' || !isCall(talk.channel) || talk.channel === 'phone') return { done: false };
    const room = await roomOf(tx, conversationId);
    if (room?.generation !== generation) return { done: false };
    tx.audit('media.roomChanged', talk.line_id, conversationId, { why, generation });
    await closeRoom(tx, conversationId);
    await openRoom(tx, conversationId, room.encrypted);
    tx.emit({ type: 'conversation.channel', ...(await toldOf(tx, talk)) });
    return { done: true };
  });
}

/**
 * These are left in a room that ends at once, which no token opens again; everybody else is told of the next. [PH5] Out of the
 * room of a telephone, which stays, they are put one by one.
 */
export async function leaveBehind(
  deps: Deps,
  room: Left,
  identities: readonly string[],
  why: 'stranger' | 'removed',
): Promise<void> {
  const moved = await changeRoom(deps, room.conversation_id, room.generation, why);
  if (moved.ok && moved.value.done) return void (await deps.media.endRoom(room)); // and again by endRooms.ts until it is gone
  for (const identity of identities) await deps.media.putOut(room, identity);
}
