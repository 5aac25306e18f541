import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';

/** What every durable chat is measured against: Socket.IO handing a message to the other one and acknowledging, no more. */
const http = createServer();
const io = new Server(http, { transports: ['websocket'], serveClient: false, perMessageDeflate: false });
io.on('connection', (socket) => {
  void socket.join(String(socket.handshake.query['room']));
  socket.on('message.send', (message: { room: string }, ack: (a: unknown) => void) => {
    socket.to(message.room).emit('message', message);
    ack({ ok: true });
  });
});
http.listen(0, '127.0.0.1', () => process.send?.({ port: (http.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit(0));
