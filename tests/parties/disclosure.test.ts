import { acknowledgePage } from '@hearthline/server/commands/escalations/answerPage';
import { revokeShare } from '@hearthline/server/commands/escalations/consent';
import { joinEscalation } from '@hearthline/server/commands/escalations/joinEscalation';
import { answerInvitation } from '@hearthline/server/commands/invitations/inviteColleague';
import { acceptInvitation } from '@hearthline/server/commands/invitations/takeInvitation';
import { leaveConversation } from '@hearthline/server/commands/parties/leaveConversation';
import type { CallerActor, StaffActor } from '@hearthline/server/policies/actor';
import { callerView } from '@hearthline/server/presenters/callerView';
import { talksIn } from '@hearthline/server/presenters/talksIn';
import type { EscalationKind } from '@hearthline/shared/contracts/escalation';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inviting } from '../support/invitations.ts';
import { must } from '../support/line.ts';
import { onCallLine, type OnCallLine } from '../support/onCall.ts';

let line: OnCallLine;
let maya: StaffActor;
let caller: CallerActor;
let conversationId: string;
afterEach(() => line.close());

async function open(part2: { program: string } | undefined) {
  line = await onCallLine(part2 ? { part2 } : {});
  ({ peer: maya, caller, conversationId } = await line.talk());
}
const of = (who: StaffActor, organisation: string) =>
  line.rows('update staff set organisation = $2 where id = $1', who.id, organisation);
const code = async (result: Promise<{ ok: boolean; code?: string }>) => (await result).code ?? 'ok';
const disclosures = () =>
  line.rows('select staff_id, organisation, program, ground, scope, consent_version from disclosure order by at');
const talking = async () => {
  const view = await callerView(line.deps, caller);
  if (view.stage !== 'talking') throw new Error(view.stage);
  return view.conversation;
};
const acknowledge = async (who: StaffActor, escalationId: string) =>
  must(await acknowledgePage(line.deps, who, { ...line.command(), escalationId }));
const join = (who: StaffActor, escalationId: string) =>
  joinEscalation(line.deps, who, { ...line.command(), escalationId });
const noticeOf = async (who: StaffActor) => (await talksIn(line.deps, who))[0]?.notice ?? null;

describe('[S42][S44] a program under 42 CFR Part 2', () => {
  let ana: StaffActor;
  beforeEach(async () => {
    await open({ program: 'Harbor' });
    ana = await line.clinician('Ana', 'primary');
    await of(ana, 'Lake Clinic');
  });

  test('[CS5][CS6] with consent: a row of what, to whom and on what; the notice above their talk, and above nobody else’s', async () => {
    const id = await line.handOff(maya, caller, conversationId, 'conversation');
    await acknowledge(ana, id);
    must(await join(ana, id));
    expect(await disclosures()).toEqual([
      {
        staff_id: ana.id,
        organisation: 'Lake Clinic',
        program: 'Harbor',
        ground: 'consent',
        scope: 'talkAndBefore',
        consent_version: 1,
      },
    ]);
    expect(await noticeOf(ana)).toEqual({ program: 'Harbor', scope: 'talkAndBefore', ground: 'consent' });
    expect(await noticeOf(maya)).toBe(null);
    expect(await line.audited('disclosure.made')).toBe(1);
  });

  test('[CS4] taken back before they have come, and after they have left: the next one is refused, and nothing is written', async () => {
    const id = await line.handOff(maya, caller, conversationId, 'conversation');
    await acknowledge(ana, id);
    must(await join(ana, id));
    must(await leaveConversation(line.deps, ana, { ...line.command(), conversationId }));
    must(await revokeShare(line.deps, caller, { ...line.command(), escalationId: id }));
    expect(await code(join(ana, id))).toBe('disclosure.refused');
    expect(await disclosures()).toHaveLength(1);
    expect((await talking()).parties.map((p) => p.name)).toEqual(['Sparrow', 'Maya']);
  });

  test('[CS4] for advice nobody of another organisation is called, and of the program everybody is', async () => {
    const id = await line.raise(maya, conversationId, 'consult');
    expect(await line.facts(id)).toMatchObject({ state: 'exhausted' });
    expect(await line.rows('select 1 from page where escalation_id = $1 and step > 0', id)).toEqual([]);
    expect(await code(join(ana, id))).toBe('escalation.gone');
    await of(ana, 'Harbor');
    const other = await line.talk();
    const second = await line.raise(other.peer, other.conversationId, 'consult');
    expect(await line.facts(second)).toMatchObject({ state: 'paging', paged_id: ana.id });
    await acknowledge(ana, second);
    must(await join(ana, second));
    expect(await disclosures()).toEqual([]);
  });

  test('[CS5] a life at risk: without consent, and written down as that', async () => {
    const id = await line.raise(maya, conversationId, 'safety');
    await acknowledge(ana, id);
    must(await join(ana, id));
    expect(await disclosures()).toMatchObject([{ ground: 'emergency', scope: 'talk', consent_version: null }]);
    expect(await noticeOf(ana)).toEqual({ program: 'Harbor', scope: 'talk', ground: 'emergency' });
  });

  test('[CS7] the question says which program tells whom; of the program’s own people it says nothing', async () => {
    await line.raise(maya, conversationId, 'handOff');
    expect((await talking()).agreement).toEqual({
      program: 'Harbor',
      recipients: [{ name: 'Ana', organisation: 'Lake Clinic' }],
      days: 30,
    });
    await of(ana, 'Harbor');
    expect((await talking()).agreement).toBe(null);
  });

  test('[CS4][CS5][CS7] a colleague of another organisation: the same', async () => {
    const ben = await line.peer('Ben');
    await of(ben, 'Hill House');
    const { invitationId } = must(await inviting(line).make(maya, conversationId));
    expect((await talking()).invitation?.agreement).toMatchObject({
      recipients: [{ name: null, organisation: 'Hill House' }],
    });
    must(await answerInvitation(line.deps, caller, { ...line.command(), invitationId, yes: true, share: 'nothing' }));
    must(await acceptInvitation(line.deps, ben, { ...line.command(), invitationId }));
    expect(await disclosures()).toMatchObject([{ staff_id: ben.id, organisation: 'Hill House', scope: 'talk' }]);
    expect(await noticeOf(ben)).toMatchObject({ program: 'Harbor' });
  });
});

test.each(['consult', 'handOff', 'safety'] as EscalationKind[])(
  '[CS4] without the switch nothing of it is asked, refused or written (%s)',
  async (kind) => {
    await open(undefined);
    const ana = await line.clinician('Ana', 'primary');
    await of(ana, 'Lake Clinic');
    const id =
      kind === 'handOff'
        ? await line.handOff(maya, caller, conversationId, 'nothing')
        : await line.raise(maya, conversationId, kind);
    expect((await talking()).agreement).toBe(null);
    await acknowledge(ana, id);
    must(await join(ana, id));
    expect(await disclosures()).toEqual([]);
    expect(await noticeOf(ana)).toBe(null);
  },
);
