import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { callStack } from './callStack.ts';
import { agreeOn, bothHear, inChat, joinWhereAsked, lockNow } from './calling.ts';
import { axe, chromePath, cutNetwork, part, refusedCall, say, shoot } from './people.ts';

const expected = [cutNetwork, refusedCall, /Failed to load resource: the server responded with a status of 50\d/];

describe.skipIf(!chromePath)('a call behind the lock of the desk', () => {
  const given = callStack();

  test('[S2] [F30] the room changes: both hear each other in the next one, sealed, and meanwhile it is said how it is', async () => {
    const pair = await inChat(given.browser(), given.stack(), 'Maya', { expected });
    const { caller, desk } = pair;
    await say(caller.page, 'only for Maya');
    await desk.page.getByText('only for Maya').waitFor();
    await agreeOn(caller.page, desk.page, 'Talk instead', 'Yes, talk');
    await Promise.all([joinWhereAsked(caller.page), joinWhereAsked(desk.page)]);
    await bothHear(pair);
    expect(await lockNow(desk.page)).toBe(200);
    await desk.page.getByText('You hear each other.').waitFor();

    await given.livekit().kill();
    await desk.page.getByText('The sound dropped.').waitFor();
    expect(await desk.page.getByText('You hear each other.').count()).toBe(0);
    await shoot(desk.page, 'call-locked-dropped-1280-light');
    expect(await axe(desk.page)).toEqual([]);
    await given.livekit().restart();
    await bothHear(pair, 20_000);
    await desk.page.getByText('You hear each other.').waitFor();
    await desk.page.getByRole('heading', { name: 'This screen is locked' }).waitFor();
    expect(await desk.page.content()).not.toContain('only for Maya');
    const pool = new pg.Pool({ connectionString: given.stack().databaseUrl, max: 1 });
    const { rows } = await pool.query('select generation, encrypted from media_room where closed_at is null');
    expect(rows).toEqual([{ generation: 2, encrypted: true }]);
    await pool.end();

    await caller.page.context().setOffline(true); // gone for a moment, and back
    await caller.page.close();
    await desk.page.getByText('Nobody else is in it right now.').waitFor();
    await part(caller, desk);
  });
});
