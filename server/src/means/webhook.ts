import * as z from 'zod';
import { callOut, idIn, isDone, whyFailed } from './callOut.ts';
import { failed, type Means } from './means.ts';
import { answerUrl, shortText } from './pageText.ts';
import { signatureHeader, signed } from './signature.ts';

const Number_ = z.object({ number: z.string() });

/** Whatever gateway a line has: one signed POST. A repeat of the same key is the same page to it. */
export const webhook: Means = {
  kind: 'webhook',
  offered: ({ means }) => means.webhook !== null,
  async send(page, { config, clock }, signal) {
    const to = Number_.safeParse(page.address);
    const gateway = config.means.webhook;
    if (!gateway || !to.success) return failed('notOffered');
    const body = JSON.stringify({
      id: page.id,
      kind: page.testCode ? 'test' : 'page',
      to: to.data.number,
      text: shortText(page, answerUrl(config)),
      line: page.line,
    });
    try {
      const answer = await callOut(gateway.url, {
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'idempotency-key': page.id,
          [signatureHeader]: signed(gateway.secret, body, clock.now()),
        },
        body,
        signal,
      });
      return isDone(answer.status) ? { state: 'sent', ...idIn(answer.body, 'id') } : failed('refused');
    } catch (error) {
      return whyFailed(error, signal);
    }
  },
};
