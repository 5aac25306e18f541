import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { Server } from 'socket.io';

/**
 * What the chat of the product is measured against, a process of its own: Socket.IO handing a message to the other one
 * and acknowledging it. `bare` keeps nothing; `naive <database>` stores each message with a statement of its own first, as
 * is done at first sight.
 */
const [kind = 'bare', databaseUrl = ''] = process.argv.slice(2);
type Sent = { room: string; iv: string; ciphertext: string };

const store = kind === 'naive' ? await naiveStore(databaseUrl) : null;
const http = createServer();
const io = new Server(http, { transports: ['websocket'], serveClient: false, perMessageDeflate: false });
io.on('connection', (socket) => {
  void socket.join(String(socket.handshake.query['room']));
  socket.on('message.send', async (message: Sent, ack: (a: unknown) => void) => {
    const seq = store ? await store(message) : 0;
    socket.to(message.room).emit('message', store ? { ...message, seq } : message);
    ack({ ok: true });
  });
});
/** A packet to each, one after the other: how places would be told at every change. */
io.on('connection', (socket) =>
  socket.on('place.all', (place: object, ack: (a: unknown) => void) => {
    let n = 0;
    for (const one of io.sockets.sockets.values()) one.emit('caller.place', { ...place, place: ++n });
    ack({ ok: true });
  }),
);
http.listen(0, '127.0.0.1', () => process.send?.({ port: (http.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit(0));

async function naiveStore(connectionString: string): Promise<(message: Sent) => Promise<number>> {
  const pool = new pg.Pool({ connectionString, max: 16, min: 16 });
  pool.on('error', () => {});
  await pool.query(
    `create table naive_room (id text primary key, last_seq bigint not null default 0);
     create table naive_message (room text not null, seq bigint not null, body text not null, primary key (room, seq));
     insert into naive_room (id) select 'r' || n from generate_series(0, 9999) n`,
  );
  const text = `with c as (update naive_room set last_seq = last_seq + 1 where id = $1 returning last_seq)
    insert into naive_message (room, seq, body) select $1, last_seq, $2 from c returning seq`;
  return async ({ room, iv, ciphertext }) => {
    const { rows } = await pool.query<{ seq: string }>({ name: 'one', text, values: [room, iv + ciphertext] });
    return Number(rows[0]?.seq);
  };
}
