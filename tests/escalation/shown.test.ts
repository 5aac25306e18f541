import { acknowledgePage } from '@hearthline/server/commands/escalations/answerPage';
import { goOn } from '@hearthline/server/commands/escalations/goOn';
import { pageShown } from '@hearthline/server/commands/escalations/pageShown';
import { boardView } from '@hearthline/server/presenters/boardView';
import { clinicianView } from '@hearthline/server/presenters/clinicianView';
import { deskView } from '@hearthline/server/presenters/deskView';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must } from '../support/line.ts';
import { onCallLine, type OnCallLine } from '../support/onCall.ts';

let line: OnCallLine;
beforeEach(async () => {
  line = await onCallLine();
});
afterEach(() => line.close());

async function raised() {
  const [ana, tom] = [await line.clinician('Ana', 'primary'), await line.clinician('Tom', 'backup')];
  const talk = await line.talk();
  return { ana, tom, ...talk, id: await line.raise(talk.peer, talk.conversationId, 'consult') };
}
const board = async () => {
  const own = line.deps.lines.byId(line.lineId);
  if (!own) throw new Error('no line');
  return (await boardView(line.deps, own)).escalations;
};
const sentNow = (id: string) => line.rows(`update page set state = 'sent' where escalation_id = $1`, id);

test('[ES14] that an alarm is shown is written down once, and the peer sees where it rings', async () => {
  const { ana, tom, peer, id } = await raised();
  await sentNow(id);
  const seen = async () => (await deskView(line.deps, peer)).conversations[0]?.escalation?.attempts.map((a) => a.state);
  expect(await seen()).toEqual(['sent']);
  expect(await pageShown(line.deps, tom, id)).toEqual({ ok: false, code: 'escalation.gone' }); // he is not called
  must(await pageShown(line.deps, ana, id));
  expect(await seen()).toEqual(['delivered']);
  const at = () => line.rows('select delivered_at from page where escalation_id = $1', id);
  const first = await at();
  must(await pageShown(line.deps, ana, id));
  expect(await at()).toEqual(first);
});

test('[ES14] who is being called now is told apart from who was called before', async () => {
  const { ana, tom, id } = await raised();
  const mine = async (who: typeof ana) => (await clinicianView(line.deps, who)).escalations[0];
  expect(await mine(ana)).toMatchObject({ mine: 'ringing', callsMe: true });
  await line.late(id);
  must(await goOn(line.deps, id));
  expect(await mine(ana)).toMatchObject({ mine: 'ringing', callsMe: false });
  expect(await mine(tom)).toMatchObject({ mine: 'ringing', callsMe: true, next: null });
});

test('[ES12] the board shows each escalation with its attempts, who has it, and since when nobody is left to call', async () => {
  const { ana, tom, id } = await raised();
  expect(await board()).toMatchObject([
    {
      id,
      peerName: 'Maya',
      kind: 'consult',
      state: 'paging',
      exhaustedAt: null,
      live: true,
    },
  ]);
  for (const _ of [ana, tom]) {
    await line.late(id);
    must(await goOn(line.deps, id));
  }
  const [spent] = await board();
  expect(spent).toMatchObject({ state: 'exhausted', owner: null, attempts: [{ name: 'Ana' }, { name: 'Tom' }] });
  expect(spent?.exhaustedAt).not.toBeNull();
  must(await acknowledgePage(line.deps, tom, { ...line.command(), escalationId: id }));
  expect(await board()).toMatchObject([{ state: 'acknowledged', owner: { name: 'Tom' }, exhaustedAt: null }]);
});
