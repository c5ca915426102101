/** Ports for programs that cannot choose one by themselves and say which, and whether somebody listens on one. */
import { once } from 'node:events';
import net from 'node:net';

const HOST = '127.0.0.1';

/** A port that was free a moment ago; the kernel hands out another one to each caller. */
export async function freePort(): Promise<number> {
  const server = net.createServer();
  await once(server.listen(0, HOST), 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
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
