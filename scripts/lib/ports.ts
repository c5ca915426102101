/** Ports for programs that cannot choose one by themselves and say which, and whether somebody listens on one. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';

const HOST = '127.0.0.1';

/** Below what kernels hand out by themselves, which is from 32768 or 49152 on, and below the node ports of Kubernetes. */
const FIRST = 10_000;
const END = 30_000;

/** A port that was free a moment ago, and that nobody gets by chance, as who listens on port 0 or dials, before the caller listens. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, END);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = net.createServer();
  try {
    await once(server.listen(port, HOST), 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}

export async function isReachable(port: number): Promise<boolean> {
  const socket = net.connect(port, HOST);
  const isConnected = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isConnected;
}
