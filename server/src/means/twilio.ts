import { createHmac, timingSafeEqual } from 'node:crypto';
import * as z from 'zod';
import type { Deps } from '../deps.ts';
import { callOut, idIn, isDone, whyFailed } from './callOut.ts';
import { failed, type Handed, type Means, type PageToSend } from './means.ts';
import { answerUrl, pressText, shortText, spokenText } from './pageText.ts';

const Number_ = z.object({ number: z.string() });
export const twilioHook = '/api/means/twilio';

/** A text message, or a call that says one sentence twice, through Twilio or whoever speaks its REST language. */
export const sms: Means = twilio('sms', 'Messages', (page, url) => ({ Body: shortText(page, url) }), {});
export const voice: Means = twilio('voice', 'Calls', (page, _url, hook) => ({ Twiml: spoken(page, hook) }), {
  StatusCallbackEvent: 'answered',
});

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
const safe = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? '');
const say = (text: string): string => `<Say>${safe(text)}</Say>`;
/** Twice; and where an answer can reach us, a key pressed meanwhile is one (PG12). */
function spoken(page: PageToSend, hook: string | null): string {
  const pause = '<Pause length="1"/>';
  if (page.testCode || !hook)
    return `<Response>${pause}${say(spokenText(page))}${pause}${say(spokenText(page))}</Response>`;
  const text = say(`${spokenText(page)} ${pressText}`);
  return `<Response>${pause}<Gather numDigits="1" timeout="10" action="${safe(hook)}">${text}${pause}${text}</Gather></Response>`;
}
/** What is said to whoever pressed a key. */
export const answeredTwiml = (text: string): string => `<Response>${say(text)}</Response>`;

function twilio(
  kind: 'sms' | 'voice',
  resource: 'Messages' | 'Calls',
  contentOf: (page: PageToSend, url: string, hook: string | null) => Record<string, string>,
  whenHeard: Record<string, string>,
): Means {
  return {
    kind,
    offered: ({ means }) => means.twilio !== null,
    async send(page, { config }: Deps, signal): Promise<Handed> {
      const to = Number_.safeParse(page.address);
      const account = config.means.twilio;
      if (!account || !to.success) return failed('notOffered');
      const hook = config.origin ? `${config.origin}${twilioHook}?page=${page.id}` : null;
      const form = new URLSearchParams({
        To: to.data.number,
        From: account.from,
        ...contentOf(page, answerUrl(config), hook),
        ...(hook ? { StatusCallback: hook, ...whenHeard } : {}),
      });
      if (hook && kind === 'voice') form.append('StatusCallbackEvent', 'completed');
      const body = form.toString();
      try {
        const url = `${account.url}/2010-04-01/Accounts/${account.sid}/${resource}.json`;
        const answer = await callOut(url, {
          headers: {
            authorization: `Basic ${Buffer.from(`${account.sid}:${account.token}`).toString('base64')}`,
            'content-type': 'application/x-www-form-urlencoded',
            'content-length': Buffer.byteLength(body),
          },
          body,
          signal,
        });
        return isDone(answer.status) ? { state: 'sent', ...idIn(answer.body, 'sid') } : failed('refused');
      } catch (error) {
        return whyFailed(error, signal);
      }
    },
  };
}

/** HMAC-SHA1 over the address as it was given out and every field by name (Twilio, "Validating requests"). */
export function twilioSignature(token: string, url: string, fields: Record<string, string>): string {
  const text = Object.keys(fields)
    .sort()
    .reduce((all, name) => all + name + fields[name], url);
  return createHmac('sha1', token).update(text, 'utf8').digest('base64');
}

export function isOfTwilio(token: string, url: string, fields: Record<string, string>, given: string): boolean {
  const [a, b] = [Buffer.from(twilioSignature(token, url, fields)), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const arrived = new Set(['delivered', 'read', 'in-progress', 'completed']);
const lost = new Set(['undelivered', 'failed', 'busy', 'no-answer', 'canceled']);
/** @returns null: on its way */
export function heardOfTwilio(status: string): 'delivered' | 'failed' | null {
  return arrived.has(status) ? 'delivered' : lost.has(status) ? 'failed' : null;
}
