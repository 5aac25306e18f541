import { randomUUID } from 'node:crypto';
import { readConfig } from '@hearthline/server/config';
import { openDeps } from '@hearthline/server/deps';
import type { Browser, Page } from 'playwright-core';
import { comesIn } from '../support/parties.ts';
import type { Stack } from '../support/services.ts';
import { ready, withDevices } from './calling.ts';
import { person, signIn, type Person, type PersonOptions } from './people.ts';

/** Neither an octave of the others' tones nor near one. */
export const thirdTone = 1250;

/** A clinician of the demo at their page, on a phone, with a microphone of their own tone. */
export async function onCall(browser: Browser, stack: Stack, options: PersonOptions = {}): Promise<Person> {
  const ana = await person(browser, { phone: true, ...options, more: withDevices });
  await ready(ana, thirdTone);
  await signIn(ana.page, stack.url, stack.dataDir, 'ana@demo.example');
  return ana;
}

/** She has been called and has joined: what an escalation leaves when everybody has said yes. */
export async function anaJoins(stack: Stack, reads: 'all' | 'fromNow' = 'fromNow'): Promise<void> {
  const { deps, close } = await openDeps(readConfig(stack.env), 'worker');
  try {
    const { rows } = await deps.sql.query<{ id: string; line_id: string; peer_id: string; ana: string }>(
      `select c.id, c.line_id, c.peer_id, s.id as ana from conversation c, staff s
       where c.state = 'live' and c.side_of is null and s.email = 'ana@demo.example'`,
      [],
    );
    const [talk] = rows;
    if (!talk || rows.length > 1) throw new Error(`${rows.length} talks are live`);
    await deps.sql.query(`update escalation set state = 'closed', ended_at = now() where state = 'joined'`, []); // written up
    await deps.sql.query(
      `insert into escalation (id, line_id, conversation_id, kind, raised_by, raised_by_id, raised_at, state, owner_id, joined_at)
       values ($1, $2, $3, 'handOff', 'peer', $4, now(), 'joined', $5, now())`,
      [randomUUID(), talk.line_id, talk.id, talk.peer_id, talk.ana],
    );
    await deps.sql.query(
      `insert into means (id, staff_id, kind, label, verified_at, created_at) values ($1, $2, 'alarm', 'Open pages', now(), now())
       on conflict do nothing`,
      [randomUUID(), talk.ana],
    );
    await deps.sql.query(
      `insert into page (id, escalation_id, staff_id, means_id, kind, step, attempt, state, made_at, answer, answered_at)
       select $1, e.id, m.staff_id, m.id, m.kind, 1, 1, 'sent', now(), 'acknowledged', now()
       from escalation e join means m on m.staff_id = e.owner_id where e.conversation_id = $2 limit 1`,
      [randomUUID(), talk.id],
    );
    await comesIn(deps, talk.id, talk.ana, reads);
  } finally {
    await close();
  }
}

/** Every message that is pushed to this page from now on, as it came over the socket. Call before the page is loaded. */
export function pushedMessages(page: Page): string[] {
  const heard: string[] = [];
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      if (String(payload).includes('["message",')) heard.push(String(payload));
    }),
  );
  return heard;
}
