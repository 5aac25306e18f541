import { createHash, randomUUID } from 'node:crypto';
import { AccessToken } from 'livekit-server-sdk';

export type Signer = { key: string; secret: string };
export type Hook = { body: string; authorization: string };

/** What the media server says of a room, as it signs it: a token with the hash of the raw body. */
export async function signed({ key, secret }: Signer, event: object, ttl: number = 300): Promise<Hook> {
  const body = JSON.stringify({ id: randomUUID(), createdAt: String(Math.floor(Date.now() / 1000)), ...event });
  const token = new AccessToken(key, secret, { ttl });
  token.sha256 = createHash('sha256').update(body).digest('base64');
  return { body, authorization: await token.toJwt() };
}

export const tell = (url: string, { body, authorization }: Hook, headers: Record<string, string> = {}) =>
  fetch(`${url}/api/media/webhook`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/webhook+json', authorization, ...headers },
  });
