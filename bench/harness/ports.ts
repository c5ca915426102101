/** Ports for programs that cannot choose one by themselves and say which, and the wait until they listen. */
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from './program.ts';

const HOST = '127.0.0.1';
/** A list of a million domains takes its time. */
const START_TIMEOUT_MS = 60_000;

/** A port that was free a moment ago; the kernel hands out another one to each caller. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  await once(server.listen(0, HOST), 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function isReachable(port: number): Promise<boolean> {
  const socket = net.connect(port, HOST);
  const isConnected = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isConnected;
}

/** @throws when `program` ends or the port stays closed */
export async function untilReachable(port: number, program: Program): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (!(await isReachable(port))) {
    if (program.hasEnded) throw new Error(`Cannot start the proxy: it ended\n${program.lastWords}`);
    if (performance.now() > deadline) {
      throw new Error(`Cannot start the proxy: it does not listen\n${program.lastWords}`);
    }
    await sleep(20);
  }
}
