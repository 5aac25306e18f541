import net from 'node:net';
import type { Ending } from '../ending.ts';

/**
 * Participants without a browser name no origin and send their token in a header; our server answers only its own pages, which
 * send it in the address. This says it their way, on loopback.
 * @returns the port to connect to instead.
 */
export async function ourOrigin(port: number, ending: Ending): Promise<number> {
  const server = net.createServer((client) => {
    const up = net.connect({ host: '127.0.0.1', port });
    client.once('data', (head: Buffer) => {
      const [first = '', ...rest] = head.toString('latin1').split('\r\n');
      const host = `localhost:${port}`;
      const token = /^authorization: bearer (\S+)/im.exec(rest.join('\n'))?.[1] ?? '';
      const asked = first.replace(/ HTTP\/1\.1$/, `${first.includes('?') ? '&' : '?'}access_token=${token}$&`);
      const named = rest.map((line) => (/^host:/i.test(line) ? `Host: ${host}` : line));
      up.write([asked, `Origin: http://${host}`, ...named].join('\r\n'), 'latin1');
      client.pipe(up).pipe(client);
    });
    client.on('error', () => up.destroy());
    up.on('error', () => client.destroy());
    client.on('close', () => up.destroy());
    up.on('close', () => client.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  ending.add(() => new Promise<void>((done) => server.close(() => done())));
  return (server.address() as net.AddressInfo).port;
}
