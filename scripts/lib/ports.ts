/** Ports for programs that cannot choose one by themselves and say which, and whether somebody listens on one. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import net, { type ListenOptions } from 'node:net';
import process from 'node:process';

const HOST = '127.0.0.1';

/**
 * Above those that `fetch` asks nobody at, of which 10080 is the last; below what kernels hand out by themselves, which is from 32768 or
 * 49152 on, and below the node ports of Kubernetes.
 */
const FIRST = 10_081;
const END = 30_000;

/** Those that this process was given. */
const given = new Set<number>();

/**
 * A port that was free a moment ago, and that nobody gets by chance: neither who listens on port 0 or dials, nor who asks here, in this
 * process or (on Linux) in another, while this one lives.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, END);
    if (!given.has(port) && (await isFree(port)) && (await claim(port))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = await serverOn({ port, host: HOST });
  if (server === undefined) return false;
  server.close();
  await once(server, 'close');
  return true;
}

/** Takes a name that stands for the port, which Linux keeps for as long as the process lives. @returns whether nobody has it */
async function claim(port: number): Promise<boolean> {
  if (process.platform === 'linux') {
    const server = await serverOn({ path: `\0weir-port-${port}` });
    if (server === undefined) return false;
    server.unref();
  }
  given.add(port);
  return true;
}

/** @returns nothing where somebody else listens there */
async function serverOn(place: ListenOptions): Promise<net.Server | undefined> {
  const server = net.createServer();
  try {
    await once(server.listen(place), 'listening');
    return server;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined;
    throw error;
  }
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
