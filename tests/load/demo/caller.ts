import { randomUUID } from 'node:crypto';
import type { CallerView } from '@hearthline/shared/contracts/views';
import { openLink, type Link } from './link.ts';
import { openTalk, type Talk } from './talk.ts';
import { oneOf, type Town } from './town.ts';
import { callerNames, goingNow, stillThere, stories, thanks } from './words.ts';

type Stage<S extends CallerView['stage']> = Extract<CallerView, { stage: S }>;

/** Comes, waits, talks, answers the survey, goes; then somebody else comes. Until the demo stops. */
export async function simulatedCaller(town: Town, nth: number): Promise<void> {
  await town.pause(nth, nth * 2);
  for (let visit = nth; !town.stopped; visit++) {
    await oneVisit(town, callerNames[visit % callerNames.length] ?? null).catch(async (e: Error) => {
      if (!town.stopped) town.say(`a caller gave up: ${e.message}`);
      await town.pause(10, 20);
    });
    await town.pause(5, 20);
  }
}

async function oneVisit(town: Town, name: string | null): Promise<void> {
  const who = name ?? 'someone without a name';
  await town.mayJoin();
  if (town.stopped) return;
  const link = openLink(town.url, 'caller', await giveConsent(town, name));
  const views = latest(link);
  let counted: 'waiting' | 'talking' | null = null;
  const count = (as: typeof counted) => {
    if (counted) town.count[counted]--;
    if (as) town.count[as]++;
    counted = as;
  };
  try {
    await views.until((v) => v.stage === 'ready');
    await link.call('request.open', { commandId: randomUUID() });
    count('waiting');
    town.say(`${who} takes a place in line`);
    const view = await views.until((v) => v.stage !== 'waiting' && v.stage !== 'ready', town);
    if (view?.stage !== 'talking') return;
    count('talking');
    town.say(`${who} talks with ${view.conversation.peerName}`);
    const ended = await converse(town, link, views, view);
    count(null);
    if (ended) await answerSurvey(town, link, ended, who);
  } finally {
    count(null);
    await leave(link);
    link.close();
  }
}

/** The form of the first page, as a browser without script posts it. @returns the Cookie header. */
async function giveConsent({ url, line }: Town, name: string | null): Promise<string> {
  const form = { line: line.slug, version: String(line.consentVersion), name: name ?? '', agreed: 'yes' };
  const response = await fetch(`${url}/start`, {
    method: 'POST',
    headers: { origin: url, accept: 'text/html' },
    body: new URLSearchParams(form),
    redirect: 'manual',
  });
  const cookie = response.headers.getSetCookie().find((c) => c.startsWith('hl_caller='));
  if (response.status !== 303 || !cookie) throw new Error(`the consent form was answered with ${response.status}`);
  return cookie.split(';')[0] ?? '';
}

/** Says one line for each that is heard, and goodbye at the end. @returns the view after it. */
async function converse(
  town: Town,
  link: Link,
  views: Views,
  { conversation }: Stage<'talking'>,
): Promise<Stage<'ended'> | null> {
  const talk = openTalk(town, link, conversation);
  const ended = views.until((v) => v.stage !== 'talking', town).finally(() => talk.end());
  await talk.next(15); // most peers greet first
  for (const words of oneOf(stories)) {
    await talk.say(words);
    if (!(await answered(town, talk))) break;
    await town.pause(3, 8);
  }
  await talk.say(oneOf(thanks));
  await town.pause(3, 6);
  if (!talk.over && !town.stopped)
    await link
      .call('conversation.end', { commandId: randomUUID(), conversationId: conversation.id, reason: 'finished' })
      .catch(() => {}); // the other one was faster
  const view = await ended;
  return view?.stage === 'ended' ? view : null;
}

/** Somebody who tries the peer's side by hand may be slow. @returns false when nobody answers. */
async function answered(town: Town, talk: Talk): Promise<boolean> {
  if (await talk.next(90)) return true;
  if (talk.over || town.stopped) return false;
  await talk.say(stillThere);
  if (await talk.next(150)) return true;
  await talk.say(goingNow);
  return false;
}

async function answerSurvey(town: Town, link: Link, view: Stage<'ended'>, who: string): Promise<void> {
  await town.pause(4, 10);
  const scores = { heard: oneOf([3, 4, 5]), hope: oneOf([3, 4, 4, 5]), connection: oneOf([3, 4, 5]) };
  const { conversationId } = view;
  await link.call('survey.submit', { commandId: randomUUID(), conversationId, scores });
  town.count.finished++;
  town.say(`${who} has answered the survey and goes (conversations finished: ${town.count.finished})`);
}

/** Asked anew and until it is so: the last view pushed may be older than the place in line. */
async function leave(link: Link): Promise<void> {
  for (let tries = 0; tries < 5; tries++) {
    const view = await link.call('caller.view', {}).catch(() => null);
    if (view && view.stage !== 'waiting' && view.stage !== 'talking') return;
    const commandId = randomUUID();
    if (view?.stage === 'waiting') await link.call('request.leave', { commandId }).catch(() => {});
    if (view?.stage === 'talking') {
      const { id: conversationId } = view.conversation;
      await link.call('conversation.end', { commandId, conversationId, reason: 'finished' }).catch(() => {});
    }
  }
}

type Views = {
  /** The first view for which it holds; null when the demo stops before (only where a town is given). */
  until(holds: (view: CallerView) => boolean, town?: Town): Promise<CallerView | null>;
};
function latest(link: Link): Views {
  let view: CallerView | null = null;
  const waiting = new Set<() => void>();
  link.on('caller.view', (next) => {
    if (view && view.now > next.now) return;
    view = next;
    for (const check of waiting) check();
  });
  return {
    async until(holds, town) {
      const { promise, resolve } = Promise.withResolvers<CallerView | null>();
      const check = () => {
        if (view && holds(view)) resolve(view);
      };
      waiting.add(check);
      check();
      const stopped = town?.whenStopped.then(() => null);
      return Promise.race([promise, ...(stopped ? [stopped] : [])]).finally(() => waiting.delete(check));
    },
  };
}
