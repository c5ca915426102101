/**
 * The least that a proxy in Node can be: CONNECT, `pipe` both ways, nothing decided, checked or recorded. A mark to compare
 * with, not a proxy to use.
 */
import net from 'node:net';
import process from 'node:process';

function relay(client: net.Socket, head: string): void {
  const [, host, port] = /^CONNECT ([^\s:]+):(\d+) /.exec(head) ?? [];
  if (host === undefined) {
    client.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    return;
  }
  const origin = net.connect({ host, port: Number(port), noDelay: true, allowHalfOpen: true });
  origin.once('connect', () => {
    client.write('HTTP/1.1 200 OK\r\n\r\n');
    client.pipe(origin).pipe(client);
  });
  origin.on('error', () => client.destroy());
  client.on('error', () => origin.destroy());
}

const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
  client.once('data', (head) => relay(client, head.toString('latin1')));
  client.on('error', () => client.destroy());
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  process.send?.((server.address() as net.AddressInfo).port);
});
process.on('disconnect', () => process.exit());
