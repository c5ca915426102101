import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import process from 'node:process';
import t, { type Test } from 'tap';
import { SharedSocket } from '#net/shared-socket.ts';
import { freePort } from '../../../scripts/lib/ports.ts';
import { faultOf, turns } from '../../fixtures/sockets.ts';

// What SharedSocket relies on is not documented by Node: a new version has to pass this file first.
const NODE = `on Node ${process.version}`;

/** Says its own process id to whoever connects. */
const ACCEPTING = `
  const server = require('node:net').createServer((socket) => socket.on('error', () => {}).end(String(process.pid)));
  process.on('message', (_, handle) => server.listen(handle, 16, () => process.send(server.address())));`;

/** Another process that accepts on `socket`. */
async function accepting(t: Test, socket: SharedSocket): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', ACCEPTING], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  child.send({}, socket.handle as unknown as net.Server);
  const [address] = await once(child, 'message');
  t.same(address, socket.address, 'it knows the real port');
  return child;
}

/** The process that answers a connection. */
async function answering({ address }: SharedSocket): Promise<number> {
  const socket = net.connect(address.port, address.address);
  const [chunk] = await once(socket, 'data');
  socket.destroy();
  return Number(chunk);
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

t.test(`SharedSocket is accepted on by others, and outlives each of them, ${NODE}`, async (t) => {
  const shared = new SharedSocket({ host: '127.0.0.1', port: await freePort() });
  const [first, second] = await Promise.all([accepting(t, shared), accepting(t, shared)]);
  t.ok([first.pid, second.pid].includes(await answering(shared)));
  await killed(first);
  t.equal(await answering(shared), second.pid);
  await killed(second);
  const waiting = answering(shared);
  const third = await accepting(t, shared);
  t.equal(await waiting, third.pid, 'nobody was turned away in between');
  shared.close();
  t.equal(await answering(shared), third.pid, 'who accepts goes on');
  await killed(third);
  t.match(await faultOf(answering(shared)), { code: 'ECONNREFUSED' }, 'the last one has let go');
});

t.test(`SharedSocket cannot be bound where somebody listens, ${NODE}`, async (t) => {
  const server = net.createServer().listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  t.throws(() => new SharedSocket({ host: '127.0.0.1', port }), { code: 'EADDRINUSE', port });
});

t.test('SharedSocket keeps no process alive', async (t) => {
  const program = `
    import { SharedSocket } from '#net/shared-socket.ts';
    new SharedSocket({ host: '127.0.0.1', port: 0 });`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: 'ignore',
  });
  t.same(await once(child, 'exit'), [0, null]);
});

t.test('SharedSocket says so where Node cannot bind without accepting', async (t) => {
  const { BoundSocket } = net;
  t.teardown(() => Object.assign(net, { BoundSocket }));
  Object.assign(net, { BoundSocket: undefined });
  t.throws(() => new SharedSocket({ host: '127.0.0.1', port: 0 }), {
    name: 'UnsuitableNode',
    message: /has no "net\.BoundSocket"/,
  });
});

t.test('SharedSocket says so where a Socket has no handle to send, and lets go of the address', async (t) => {
  const port = await freePort();
  const { Socket } = net;
  t.teardown(() => Object.assign(net, { Socket }));
  Object.assign(net, {
    Socket: class extends Socket {
      constructor(options: net.SocketConstructorOpts) {
        super(options);
        const { _handle: handle } = this as unknown as { readonly _handle: object };
        Object.defineProperty(handle, 'fd', { value: undefined });
      }
    },
  });
  t.throws(() => new SharedSocket({ host: '127.0.0.1', port }), {
    name: 'UnsuitableNode',
    message: /has no "_handle" of Sockets/,
  });
  Object.assign(net, { Socket });
  await turns();
  new SharedSocket({ host: '127.0.0.1', port }).close();
  t.pass('the address is free');
});
