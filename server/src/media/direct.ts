import { createHmac } from 'node:crypto';
import type { IceServer } from '@hearthline/shared/contracts/media';
import { sessionOf, type MediaEngine } from './engine.ts';

type Turn = { urls: string[]; secret: string };
const credentialSeconds = 3600;

/**
 * Browser to browser, told to each other over our own sockets. With a relay nothing goes past it; without one each side can
 * learn the other's network address, and pages say so before the microphone is asked for.
 */
export const directMedia = (turn: Turn | null, now: () => Date): MediaEngine => ({
  kind: 'direct',
  calls: () => ({ state: 'direct', exposesAddress: turn === null }),
  onChange() {},
  openRoom: async ({ name }) => ({ state: 'there', sid: name }),
  seat: async (_room, seated, { identity, others }) => ({
    ...seated,
    // between browsers sound and picture are always sealed (DTLS-SRTP), and nothing stands between them
    encrypted: true,
    engine: 'direct',
    session: sessionOf(identity),
    others,
    iceServers: turn ? [relayFor(turn, identity, now())] : [],
    relayOnly: turn !== null,
  }),
  whoIsIn: async () => [],
  allRooms: async () => [],
  withoutNumber: async () => {},
  putOut: async () => {},
  endRoom: async () => true,
  stop: async () => {},
});

/** Credentials as coturn's `use-auth-secret` makes them: good for an hour, and nothing in them says who. */
function relayFor({ urls, secret }: Turn, identity: string, now: Date): IceServer {
  const nonce = createHmac('sha256', secret).update(identity).digest('base64url').slice(0, 12);
  const username = `${Math.floor(now.getTime() / 1000) + credentialSeconds}:${nonce}`;
  return { urls, username, credential: createHmac('sha1', secret).update(username).digest('base64') };
}
