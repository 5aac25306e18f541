import nodemailer from 'nodemailer';
import * as z from 'zod';
import { failed, type Means } from './means.ts';
import { answerUrl, shortText, subjectOf } from './pageText.ts';

const Address = z.object({ address: z.string() });
const stepMs = 4500;

/** What a server answered with a number, or did not answer at all. */
const refusedBy = (error: unknown): boolean => typeof (error as { responseCode?: unknown }).responseCode === 'number';

/** One mail on a connection of its own. Its Message-ID is the attempt key. */
export const mail: Means = {
  kind: 'mail',
  offered: ({ means }) => means.mail !== null,
  async send(page, { config }, signal) {
    const to = Address.safeParse(page.address);
    const server = config.means.mail;
    if (!server || !to.success) return failed('notOffered');
    const { username, hostname } = new URL(server.url);
    const transport = nodemailer.createTransport({
      url: server.url,
      // a password goes over no open line but to this machine
      requireTLS: username !== '' && !/^(localhost|127\.|\[::1\])/.test(hostname),
      disableFileAccess: true,
      disableUrlAccess: true,
      connectionTimeout: stepMs,
      greetingTimeout: stepMs,
      socketTimeout: stepMs,
      dnsTimeout: stepMs,
    });
    try {
      await transport.sendMail({
        from: server.from,
        to: to.data.address,
        subject: subjectOf(page),
        text: `${shortText(page, answerUrl(config, page.id))}\n`,
        messageId: `<${page.id}@${server.from.split('@').at(-1)}>`,
        priority: 'high',
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
      return { state: 'sent' };
    } catch (error) {
      return failed(signal.aborted ? 'late' : refusedBy(error) ? 'refused' : 'unreachable');
    } finally {
      transport.close();
    }
  },
};
