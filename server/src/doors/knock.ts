import { randomUUID } from 'node:crypto';
import { doors, type Audience, type DoorName } from '@hearthline/shared/contracts/doors';
import { refusals, type Refusal, type RefusalCode, type Result } from '@hearthline/shared/contracts/refusals';
import type { Actor } from '../policies/actor.ts';
import { isOutage } from '../storage/postgres/outage.ts';
import { inTime, Late } from './inTime.ts';
import { handlers, type DoorDeps, type Knock } from './table.ts';

export type Answer = { ok: true; value: unknown } | { ok: false; refusal: Refusal };

export const refusal = (code: RefusalCode, ref?: string): Refusal => ({
  code,
  message: refusals[code].message,
  retryable: refusals[code].retryable,
  ...(ref ? { ref } : {}),
});
/** Doors that hand out or take what people wrote. Offers and calls are answered on a locked screen too: nobody waits for a code. */
const closedWhileLocked: ReadonlySet<DoorName> = new Set([
  'key.get',
  'message.fetch',
  'message.send',
  'message.mark',
  'wrapUp.submit',
  'wrapUp.keep',
  'wrapUp.draft',
  'escalation.read',
  'escalation.join',
  'escalation.close',
  'escalation.keep',
  'escalation.draft',
]);
const isDoor = (name: unknown): name is DoorName => typeof name === 'string' && Object.hasOwn(doors, name);

/** Whether this actor may knock there at all; the command decides about the very record. */
export function mayKnock(actor: Actor, name: DoorName): boolean {
  const audience: readonly Audience[] = doors[name].for;
  if (actor.kind === 'caller') return audience.includes('caller');
  return actor.kind === 'staff' && actor.roles.some((r) => audience.includes(r));
}

/** Every call of every browser, over socket or HTTP, comes through here: known, allowed, parsed, in time, never thrown. */
export async function knock(deps: DoorDeps, by: Knock<Actor>, name: unknown, input: unknown): Promise<Answer> {
  const violation = (code: RefusalCode): Answer => {
    deps.limits.violated(by.actor.id);
    return { ok: false, refusal: refusal(code) };
  };
  if (deps.limits.isBarred(by.actor.id) || !deps.limits.call(by.actor.id))
    return { ok: false, refusal: refusal('rate.slowDown') };
  if (!isDoor(name)) return violation('door.unknown');
  if (!mayKnock(by.actor, name)) return violation('access.denied');
  if (by.actor.kind === 'staff' && by.actor.locked && closedWhileLocked.has(name))
    return { ok: false, refusal: refusal('session.locked') };
  const parsed = doors[name].input.safeParse(input);
  if (!parsed.success) return violation('input.malformed');
  try {
    const handle = handlers[name] as (d: DoorDeps, k: Knock<Actor>, i: unknown) => Promise<Result<unknown>>;
    const result = await inTime(handle(deps, by, parsed.data));
    return result.ok ? result : { ok: false, refusal: refusal(result.code) };
  } catch (error) {
    const ref = randomUUID().slice(0, 8);
    const { message, code } = error as { message: string; code?: string };
    deps.log.error({ ref, door: name, err: message, code }, 'a door failed');
    return {
      ok: false,
      refusal: refusal(error instanceof Late || isOutage(error) ? 'server.busy' : 'server.broke', ref),
    };
  }
}
