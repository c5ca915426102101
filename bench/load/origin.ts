/** The origin, a process of its own with a port for each kind of work: echo, bulk in either direction, and HTTP. */
import net from 'node:net';
import process from 'node:process';
import type { OriginPorts } from './job.ts';
import { createBulkServer } from './origin-bulk.ts';
import { createHttpServer } from './origin-http.ts';

const echo = net.createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.pipe(socket);
});

const listen = (server: net.Server): Promise<number> =>
  new Promise((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
      resolve((server.address() as net.AddressInfo).port);
    });
  });

const ports: OriginPorts = {
  echo: await listen(echo),
  bulk: await listen(createBulkServer()),
  http: await listen(createHttpServer()),
};
process.on('disconnect', () => process.exit());
process.send?.(ports);
