/**
 * The origin, a process of its own: one port sends back what it gets, the other reads a number and a newline, sends as many
 * bytes of the pattern, and closes.
 */
import net from 'node:net';
import process from 'node:process';
import { type OriginPorts, PATTERN } from './job.ts';

/** Sends `left` bytes of the pattern from `offset` on, as fast as the socket takes them. */
function send(socket: net.Socket, left: number, offset = 0): void {
  let at = offset;
  let rest = left;
  while (rest > 0) {
    const from = at % PATTERN.length;
    const chunk = PATTERN.subarray(from, Math.min(PATTERN.length, from + rest));
    at += chunk.length;
    rest -= chunk.length;
    if (!socket.write(chunk)) break;
  }
  if (rest === 0) socket.end();
  else socket.once('drain', () => send(socket, rest, at));
}

const echo = net.createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.pipe(socket);
});

const download = net.createServer({ noDelay: true }, (socket) => {
  let asked = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    asked += bytes.toString('latin1');
    if (asked.endsWith('\n')) send(socket, Number(asked));
  });
});

const listen = (server: net.Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
      resolve((server.address() as net.AddressInfo).port);
    });
  });

const ports: OriginPorts = { echo: await listen(echo), download: await listen(download) };
process.on('disconnect', () => process.exit());
process.send?.(ports);
