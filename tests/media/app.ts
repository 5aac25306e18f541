import { once } from 'node:events';
import { createServer, request, type IncomingHttpHeaders } from 'node:http';
import { createServer as createTcp, type AddressInfo } from 'node:net';
import { createApp } from '@hearthline/server/app';
import type { Deps } from '@hearthline/server/deps';

export async function freePort(): Promise<number> {
  const server = createTcp().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** The real server's doors in this process, on the port of its settings, without pages. */
export async function served(deps: Deps): Promise<{ url: string; port: number; stop(): Promise<void> }> {
  const app = createApp(deps, (_req, res) => void res.status(404).end());
  app.http.listen(deps.config.port, '127.0.0.1');
  await once(app.http, 'listening');
  return { url: `http://127.0.0.1:${deps.config.port}`, port: deps.config.port, stop: () => app.stop() };
}

export type Asked = { path: string; headers: IncomingHttpHeaders; body: string };

/** Stands where a media server would and writes down what reaches it; it answers nothing but "not now". */
export async function listener(): Promise<{ url: string; asked: Asked[]; stop(): Promise<void> }> {
  const asked: Asked[] = [];
  const http = createServer((req, res) => {
    const pieces: Buffer[] = [];
    req.on('data', (piece: Buffer) => pieces.push(piece));
    req.on('end', () => {
      asked.push({ path: req.url ?? '', headers: req.headers, body: Buffer.concat(pieces).toString() });
      res.writeHead(503).end();
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    asked,
    async stop() {
      http.closeAllConnections();
      await new Promise((closed) => http.close(closed));
    },
  };
}

export type Upgraded = { status: number; end(): void };

/** Asks for a WebSocket on this path, the path sent as it is. @returns status 0 when the server just closed. */
export function upgrade(port: number, path: string, headers: Record<string, string> = {}): Promise<Upgraded> {
  return new Promise((done) => {
    const asked = request({
      port,
      host: '127.0.0.1',
      path,
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.from('sixteen bytes!!!').toString('base64'),
        ...headers,
      },
    });
    asked.on('error', () => done({ status: 0, end() {} }));
    asked.on('response', (answer) => {
      answer.resume();
      done({ status: answer.statusCode ?? 0, end: () => answer.destroy() });
    });
    asked.on('upgrade', (answer, socket) => done({ status: answer.statusCode ?? 0, end: () => socket.destroy() }));
    asked.end();
  });
}
