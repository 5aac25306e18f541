import { request as overHttp } from 'node:http';
import { Agent, request as overHttps } from 'node:https';
import { isPrivateHost, PrivateAddress, publicLookup } from './privateAddress.ts';
import { failed, type Handed } from './means.ts';

const mostAnswer = 64_000;

export type Call = {
  headers: Record<string, string | number>;
  body: string | Buffer;
  signal: AbortSignal;
  /** Only to addresses on the internet: whoever named it is not trusted with our network. */
  publicOnly?: { loopbackIsFine: boolean };
};
export type Answered = { status: number; body: string };

/** One POST on a connection of its own: no redirect is followed, nothing is tried again, no more than 64 kB are read. */
export async function callOut(address: string, call: Call): Promise<Answered> {
  const url = new URL(address);
  const { publicOnly } = call;
  if (publicOnly && (url.protocol !== 'https:' || isPrivateHost(url.hostname, publicOnly.loopbackIsFine)))
    throw new PrivateAddress('a private address');
  const agent = publicOnly ? new Agent({ lookup: publicLookup(publicOnly.loopbackIsFine) }) : false;
  return new Promise((done, fail) => {
    const options = { method: 'POST', headers: call.headers, signal: call.signal, agent };
    const sent = (url.protocol === 'https:' ? overHttps : overHttp)(url, options, (answer) => {
      const parts: Buffer[] = [];
      let size = 0;
      const end = () => done({ status: answer.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8') });
      answer.on('data', (part: Buffer) => {
        if ((size += part.length) <= mostAnswer) return void parts.push(part);
        end();
        sent.destroy();
      });
      answer.on('end', end);
      answer.on('error', fail);
    });
    sent.on('error', fail);
    sent.end(call.body);
  });
}

/** What a failed call means for a page. What the provider wrote goes nowhere. */
export function whyFailed(error: unknown, signal: AbortSignal): Handed {
  if (error instanceof PrivateAddress) return failed('private');
  return failed(signal.aborted ? 'late' : 'unreachable');
}

export const isDone = (status: number): boolean => status >= 200 && status < 300;

/** An id in a provider's answer, should there be one that can be kept. */
export function idIn(body: string, field: string): { providerId?: string } {
  try {
    const id = (JSON.parse(body) as Record<string, unknown> | null)?.[field];
    return typeof id === 'string' && /^[\w.:@-]{1,200}$/.test(id) ? { providerId: id } : {};
  } catch {
    return {};
  }
}
