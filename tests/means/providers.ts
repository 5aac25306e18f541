import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import {
  createServer as overHttp,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { createServer as overHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { SMTPServer } from 'smtp-server';

/** What a provider does with what reaches it. drop: it takes everything, and the connection is gone before its answer. */
export type Mode = 'yes' | 'error' | 'hang' | 'drop' | 'gone' | 'redirect';
export type Asked = { path: string; headers: IncomingHttpHeaders; body: string; raw: Buffer };

const file = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8');
/** For other processes: `NODE_EXTRA_CA_CERTS`. */
export const certificate = join(import.meta.dirname, 'localhost.cert.pem');
/** This process believes the certificate of our own push service. */
export const trustOurPushService = (): void =>
  setDefaultCACertificates([...getCACertificates('default'), file('localhost.cert.pem')]);

/** A provider's REST door, or a push service, that does as it is told and writes down what it was asked. */
export async function provider({ secure = false } = {}) {
  const asked: Asked[] = [];
  const waiting: ServerResponse[] = [];
  const here = {
    mode: 'yes' as Mode,
    asked,
    url: '',
    /** Lets go of whoever was kept waiting. */
    release: () => waiting.splice(0).forEach((res) => res.destroy()),
    async stop() {
      http.closeAllConnections();
      await new Promise((closed) => http.close(closed));
    },
  };
  const answer = (req: IncomingMessage, res: ServerResponse) => {
    const pieces: Buffer[] = [];
    req.on('data', (piece: Buffer) => pieces.push(piece));
    req.on('end', () => {
      const raw = Buffer.concat(pieces);
      asked.push({ path: req.url ?? '', headers: req.headers, body: raw.toString(), raw });
      if (here.mode === 'yes')
        res.writeHead(201, { 'content-type': 'application/json' }).end('{"id":"p-1","sid":"SM1"}');
      else if (here.mode === 'error') res.writeHead(500).end('Sparrow is not well'.repeat(10_000));
      else if (here.mode === 'gone') res.writeHead(410).end();
      else if (here.mode === 'redirect') res.writeHead(307, { location: `${here.url}/elsewhere` }).end();
      else if (here.mode === 'drop') req.socket.resetAndDestroy();
      else waiting.push(res);
    });
  };
  const keys = { key: file('localhost.key.pem'), cert: file('localhost.cert.pem') };
  const http = secure ? overHttps(keys, answer) : overHttp(answer);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  here.url = `${secure ? 'https' : 'http'}://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return here;
}
export type Provider = Awaited<ReturnType<typeof provider>>;

/** A mail server that keeps what it takes. */
export async function mailSink() {
  const mails: { from: string; to: string[]; text: string }[] = [];
  const here = { mode: 'yes' as Mode, mails, url: '', stop: () => new Promise<void>((closed) => smtp.close(closed)) };
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 50,
    onData(stream, session, done) {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        if (here.mode !== 'error')
          mails.push({
            from: mailFrom ? mailFrom.address : '',
            to: rcptTo.map((r) => r.address),
            text: Buffer.concat(pieces).toString(),
          });
        if (here.mode === 'yes') done();
        else if (here.mode === 'error') done(Object.assign(new Error('no room'), { responseCode: 452 }));
      });
    },
  });
  smtp.on('error', () => {}); // of connections that are given up
  const server = smtp.listen(0, '127.0.0.1');
  await once(server, 'listening');
  here.url = `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return here;
}
export type MailSink = Awaited<ReturnType<typeof mailSink>>;
