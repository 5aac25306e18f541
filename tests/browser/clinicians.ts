import { randomUUID } from 'node:crypto';
import type { LineConfig } from '@hearthline/shared/contracts/line';
import pg from 'pg';
import { until } from '../support/line.ts';
import type { Stack } from '../support/services.ts';
import { connect, type Connected } from '../support/sockets.ts';
import { visitor, type Answer } from '../support/visitor.ts';
import { changeLine } from './people.ts';

type Ladder = NonNullable<LineConfig['escalation']>;
export const protocol = ['Stay in the talk.', 'Ask where they are now.', 'Say the number together: 988, or 911.'];

/** The demo's ladder, Ana and after her Tom, with times that no test comes to by itself. */
export async function patientLadder(stack: Stack, over: Partial<Ladder> = {}): Promise<void> {
  const steps = ['primary', 'backup'].map((layer) => ({ layer, seconds: 600, times: 1 }));
  const rest = { joinSeconds: 600, askSeconds: 600, announceConsult: false, protocol };
  await changeLine(stack, { escalation: { steps, ...rest, ...over } });
  for (const name of ['server1', 'worker1']) await stack.restart(name); // they know it from their start on
}

export async function withDatabase<T>({ databaseUrl }: Stack, work: (db: pg.Client) => Promise<T>): Promise<T> {
  const db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
  try {
    return await work(db);
  } finally {
    await db.end();
  }
}

/** A clinician with an open page, but without eyes: acts through the doors. */
export async function onDuty(stack: Stack, account: 'ana' | 'tom') {
  const self = visitor(stack);
  await self.signInAs(account);
  const live = (await connect(self, 'staff')) as Connected;
  const refusal = ({ body }: Answer) => (body as { refusal?: { code: string } }).refusal?.code ?? 'ok';
  return {
    /** @returns the code of a refusal, or 'ok' */
    does: async (
      what: 'acknowledge' | 'decline' | 'join' | 'close',
      escalationId: string,
      more: object = {},
    ): Promise<string> =>
      refusal(await self.door(`escalation.${what}`, { commandId: randomUUID(), escalationId, ...more })),
    read: async (escalationId: string): Promise<unknown> =>
      ((await self.door('escalation.read', { escalationId })).body as { value: unknown }).value,
    goes: () => live.socket.close(),
  };
}
export type Clinician = Awaited<ReturnType<typeof onDuty>>;

/** The one of the talk that was raised last, once it is in this state. */
export async function escalationIs(stack: Stack, state: string): Promise<string> {
  let id = '';
  await until(`an escalation is ${state}`, () =>
    withDatabase(stack, async (db) => {
      const { rows } = await db.query<{ id: string; state: string }>(
        'select id, state from escalation order by raised_at desc limit 1',
      );
      id = rows[0]?.id ?? '';
      return rows[0]?.state === state;
    }),
  );
  return id;
}

/** Its time is over now: nobody waits for it in a test. */
export const late = (stack: Stack, id: string): Promise<unknown> =>
  withDatabase(stack, async (db) => {
    await db.query(`update escalation set next_due_at = now() - interval '1 second' where id = $1`, [id]);
    await db.query(`update due set due_at = now() - interval '1 second' where subject_id = $1`, [id]);
  });
