import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { PassedSockets } from '#net/passed-socket.ts';
import { SharedSocket } from '#net/shared-socket.ts';

// What it relies on is not documented by Node: a new version has to pass this file first.
const NODE = `on Node ${process.version}`;

/** Takes each of the names, says what came of it, and lets each go. */
const TAKING = `
  import { PassedSockets } from '#net/passed-socket.ts';
  const [descriptors, names] = JSON.parse(process.argv[1]);
  const passed = new PassedSockets(new Map(descriptors));
  for (const name of names) {
    try {
      const socket = passed.take(name);
      socket.close();
      console.log(socket.address.port, passed.take(name) === socket, typeof socket.handle.fd);
    } catch (error) {
      console.log(error.name, error.message);
    }
  }`;

/** What another process says, which has these sockets from descriptor 3 on. */
async function taking(
  sockets: readonly net.Server[],
  descriptors: readonly (readonly [string, readonly number[]])[],
  names = descriptors.map(([name]) => name),
): Promise<readonly string[]> {
  const question = JSON.stringify([descriptors, names]);
  const handles = sockets.map((server) => (server as unknown as { _handle: { fd: number } })._handle.fd);
  const args = ['--input-type=module-typescript', '-e', TAKING, question];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', ...handles] });
  const [said] = await Promise.all([text(child.stdout as NodeJS.ReadableStream), once(child, 'exit')]);
  return said.trim().split('\n');
}

t.test(`PassedSockets takes a socket by its name, the same each time, ${NODE}`, async (t) => {
  const server = net.createServer().listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  t.same(await taking([server], [['weir', [3]]]), [`${port} true number`], 'and keeps no process alive');
});

t.test(`PassedSockets says of what else there is what to do, ${NODE}`, async (t) => {
  const server = net.createServer().listen(`\0weir-test-${process.pid}`);
  t.teardown(() => server.close());
  await once(server, 'listening');
  const [unix, gone, again] = await taking(
    [server],
    [
      ['unix', [3]],
      ['gone', [77]],
    ],
    ['unix', 'gone', 'unix'],
  );
  t.equal(
    unix,
    'PassedSocketFault Socket "unix" is none of TCP. Write an address and port as its ListenStream=',
  );
  t.match(gone, /^PassedSocketFault Socket "gone" is no socket that can be listened on\. Name it by /);
  t.equal(again, unix, 'its descriptor, which is closed, is not taken for another');
});

t.test('PassedSockets takes nothing that was not handed over, nor one of two', async (t) => {
  t.throws(() => new PassedSockets().take('weir'), {
    name: 'PassedSocketFault',
    message: /^No socket "weir" was handed over \(none\)\. Name it by FileDescriptorName= in the socket unit/,
  });
  const others = new PassedSockets(
    new Map([
      ['a', [3]],
      ['b', [4, 5]],
    ]),
  );
  t.throws(() => others.take('weir'), { message: /\("a", "b"\)/ });
  t.throws(() => others.take('b'), { message: /^2 sockets "b" were handed over\. Give each a unit with/ });
});

t.test('what PassedSockets gives is what a SharedSocket is to workers', async (t) => {
  const shared = new SharedSocket({ host: '127.0.0.1', port: 0 });
  const taken = new PassedSockets(new Map([['weir', [shared.handle.fd]]])).take('weir');
  t.same(taken.address, shared.address);
  t.equal(taken.handle.fd, shared.handle.fd);
});
