import { protocolVersion, socketPath } from '@hearthline/shared/contracts/socketEvents';
import { io, type Socket } from 'socket.io-client';
import type { Visitor } from './visitor.ts';

export type Connected = { socket: Socket; closed: Promise<string>; goodbye: () => string | null };

/** Opens the socket of this browser, as our pages do. @returns null when the handshake is refused. */
export async function connect(
  visitor: Visitor,
  as: string,
  {
    url = visitor.url,
    origin = url,
    tab = 'one',
    listen = () => {},
  }: {
    url?: string;
    origin?: string;
    tab?: string;
    /** Before it opens: what is told at once must find somebody who hears it. */
    listen?: (socket: Socket) => void;
  } = {},
): Promise<Connected | null> {
  const socket = io(url, {
    path: socketPath,
    transports: ['websocket'],
    query: { as, v: protocolVersion, tab },
    extraHeaders: { cookie: visitor.cookie(), origin },
    reconnection: false,
    forceNew: true,
  });
  listen(socket);
  let why: string | null = null;
  socket.on('goodbye', (g: { why: string }) => (why = g.why));
  const opened = await new Promise<boolean>((done) => {
    socket.once('connect', () => done(true));
    socket.once('connect_error', () => done(false));
  });
  if (!opened) {
    socket.close();
    return null;
  }
  const closed = new Promise<string>((done) => socket.once('disconnect', done));
  return { socket, closed, goodbye: () => why };
}
