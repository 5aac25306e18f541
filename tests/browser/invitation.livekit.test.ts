import type { Page } from 'playwright-core';
import { describe, test } from 'vitest';
import { until } from '../support/line.ts';
import { agreeOn, hears, inChat, joinWhereAsked, ready, tones, withDevices } from './calling.ts';
import { callStack } from './callStack.ts';
import { atDesk, chromePath, cutNetwork, part, refusedCall, shoot } from './people.ts';
import { mediaFigures } from './peerConnections.ts';
import { thirdTone } from './third.ts';

const expected = [cutNetwork, refusedCall];
/** Three browsers join side by side on a machine with two cores. */
const joinsMs = 30_000;
const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true }).click();

describe.skipIf(!chromePath)('a colleague in a call', () => {
  const given = callStack();

  test('[IN3][PA5][CT2] a second peer comes into a call: all three hear each other; who asked leaves, and the two go on', async () => {
    const { caller, desk } = await inChat(given.browser(), given.stack(), 'Maya', { expected });
    await agreeOn(desk.page, caller.page, 'Talk instead', 'Yes, talk');
    await Promise.all([caller, desk].map(({ page }) => joinWhereAsked(page, joinsMs)));
    const idris = await atDesk(given.browser(), given.stack(), 'idris@demo.example', { expected, more: withDevices });
    await ready(idris, thirdTone);
    await idris.page.reload(); // what was prepared counts from the next page on

    await press(desk.page, 'Ask a colleague in');
    await desk.page.getByRole('radio', { name: /^Idris/ }).check();
    await press(desk.page, /^Ask Sparrow/);
    await press(caller.page, 'Answer');
    await shoot(caller.page, 'invitation-call-ask-320-light');
    await press(caller.page, 'Yes, ask Idris');
    await idris.page.getByRole('heading', { name: 'Maya asks you in' }).waitFor();
    await shoot(desk.page, 'invitation-call-desk-1280-light');
    await idris.page.locator('section.offer .btn-lamp:not([aria-disabled="true"])').click();
    await joinWhereAsked(idris.page, joinsMs);
    await Promise.all([
      hears(caller.page, tones.peer),
      hears(caller.page, thirdTone),
      hears(desk.page, tones.caller),
      hears(desk.page, thirdTone),
      hears(idris.page, tones.caller),
      hears(idris.page, tones.peer),
    ]);
    await shoot(caller.page, 'invitation-call-320-light');

    await press(desk.page, /^Hand over/);
    await desk.page.getByText('Idris goes on with Sparrow.').waitFor();
    await press(desk.page, 'Leave');
    await caller.page.getByText('Maya has left.').waitFor();
    await until('no connection is left', async () => (await mediaFigures(desk.page)).connections === 0);
    await Promise.all([hears(caller.page, thirdTone), hears(idris.page, tones.caller)]);
    await press(caller.page, 'End');
    await press(caller.page, 'Yes, end it');
    await caller.page.getByText('nobody else is here').first().waitFor();
    await part(caller, desk, idris);
  });
});
