import webPush from 'web-push';
import * as z from 'zod';
import { callOut, isDone, whyFailed } from './callOut.ts';
import { failed, type Means } from './means.ts';

const Subscription = z.object({ endpoint: z.string(), p256dh: z.string(), auth: z.string() });
/** A notice that comes later than this wakes somebody for nothing. */
const ttlSeconds = 120;

/** A notice of the browser (RFC 8030, 8291, 8292). It carries the id of the page and nothing else; the words are the page's own. */
export const push: Means = {
  kind: 'push',
  offered: ({ means }) => means.push !== null,
  async send(page, { config }, signal) {
    const to = Subscription.safeParse(page.address);
    const { push: keys } = config.means;
    if (!keys || !to.success) return failed('notOffered');
    const { endpoint, ...own } = to.data;
    try {
      const { headers, body } = webPush.generateRequestDetails(
        { endpoint, keys: own },
        JSON.stringify({ page: page.id }),
        {
          TTL: ttlSeconds,
          urgency: 'high',
          topic: page.id.replaceAll('-', ''),
          vapidDetails: {
            subject: config.origin ?? 'mailto:nobody@hearthline.invalid',
            publicKey: keys.publicKey,
            privateKey: keys.privateKey,
          },
        },
      );
      const { status } = await callOut(endpoint, {
        headers,
        body: body ?? '',
        signal,
        publicOnly: { loopbackIsFine: keys.toLoopback },
      });
      if (status === 404 || status === 410) return failed('gone');
      return isDone(status) ? { state: 'sent' } : failed('refused');
    } catch (error) {
      return whyFailed(error, signal);
    }
  },
};
