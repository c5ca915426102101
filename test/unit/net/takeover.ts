import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import process from 'node:process';
import t, { type Test } from 'tap';
import { BufferPool } from '#net/buffers.ts';
import { Leg, NOBODY } from '#net/leg.ts';
import { onAccepted, socketOf, takeOver } from '#net/takeover.ts';
import { receive, Sockets, turns, until } from '../../fixtures/sockets.ts';

/** Takes over `old` into a leg; `text` is what it reads. */
function adopt(old: net.Socket): { leg: Leg; early: string | undefined; text: () => string } {
  let early: Buffer | undefined;
  const leg = new Leg(new BufferPool(), (onread) => {
    const taken = takeOver(old, onread);
    early = taken.early;
    return taken.socket;
  });
  return { leg, early: early?.toString(), text: textOf(leg) };
}

/** What `leg` reads from now on. */
function textOf(leg: Leg): () => string {
  const chunks: Buffer[] = [];
  leg.attach({ ...NOBODY, onChunk: (_leg, chunk) => chunks.push(Buffer.from(chunk)) > 0 });
  return () => Buffer.concat(chunks).toString();
}

// What takeOver() relies on is not documented by Node: a new version has to pass this file first.
const NODE = `on Node ${process.version}`;

t.test(`takeOver() moves a connection to a socket that reads into our buffers, ${NODE}`, async (t) => {
  await using sockets = await Sockets.open();
  const { accepted, far } = await sockets.pair();
  accepted.setTimeout(60_000);
  for (const event of ['data', 'end', 'close', 'error', 'timeout']) {
    accepted.on(event, () => t.fail(`the old socket emitted ${event}`));
  }
  const { leg, early, text } = adopt(accepted);
  t.equal(early, undefined);
  const toFar = receive(far);
  far.write('hello');
  await until(() => text() === 'hello');
  leg.socket.end('and good bye');
  t.same(await toFar, { bytes: Buffer.from('and good bye'), ending: 'end' });
  far.end();
  await until(() => leg.ended && leg.closed);
  t.equal(leg.error, undefined);
  t.notOk(accepted.destroyed, 'the old one is only forgotten');
});

t.test(`takeOver() hands on what the old socket had read, ${NODE}`, async (t) => {
  await using sockets = await Sockets.open();
  const { accepted, far } = await sockets.pair();
  far.write('read before');
  await once(accepted, 'readable');
  const { early, leg, text } = adopt(accepted);
  t.equal(early, 'read before');
  far.write('read after');
  await until(() => text() === 'read after');
  leg.reset();
  await until(() => leg.closed);
});

t.test(`takeOver() sees again an end that came with bytes the old socket had read, ${NODE}`, async (t) => {
  await using sockets = await Sockets.open();
  const { accepted, far } = await sockets.pair();
  far.end('last words');
  await once(accepted, 'readable');
  await turns();
  const { early, leg } = adopt(accepted);
  t.equal(early, 'last words');
  await until(() => leg.ended);
  const toFar = receive(far);
  leg.socket.end('heard');
  t.equal((await toFar).bytes.toString(), 'heard', 'the other way is still open');
});

t.test(`takeOver() sees again an end that the old socket had told of, ${NODE}`, async (t) => {
  await using sockets = await Sockets.open();
  const { accepted, far } = await sockets.pair();
  far.end();
  await once(accepted.resume(), 'end');
  const { early, leg } = adopt(accepted);
  t.equal(early, undefined);
  await until(() => leg.ended);
  t.notOk(leg.closed);
  leg.socket.end();
  await until(() => leg.closed);
});

t.test(`takeOver() leaves a reset to be seen by the new socket, ${NODE}`, async (t) => {
  await using sockets = await Sockets.open();
  const { accepted, far } = await sockets.pair();
  const { leg } = adopt(accepted);
  far.resetAndDestroy();
  await until(() => leg.closed);
  t.match(leg.error, { code: 'ECONNRESET' });
});

t.test(`takeOver() keeps the server’s count of connections right, ${NODE}`, async (t) => {
  await using sockets = await Sockets.open();
  const { accepted, far } = await sockets.pair();
  await sockets.pair();
  const toFar = receive(far);
  t.equal(await sockets.accepted(), 2);
  const { leg } = adopt(accepted);
  t.equal(await sockets.accepted(), 2, 'it is still one connection');
  accepted.destroy();
  t.equal(await sockets.accepted(), 2, 'the old socket has no part in it any more');
  leg.socket.destroy();
  await until(() => leg.closed);
  t.equal(await sockets.accepted(), 1);
  t.equal((await toFar).ending, 'end');
});

t.test(`takeOver() refuses a socket that is closed, ${NODE}`, async (t) => {
  await using sockets = await Sockets.open();
  const { accepted } = await sockets.pair();
  accepted.destroy();
  t.throws(() => takeOver(accepted, { buffer: Buffer.alloc(1), callback: () => true }), {
    message: 'Cannot take over a closed socket',
  });
});

t.test(
  `takeOver() takes a CONNECT from an HTTP server, with the bytes glued to its head, ${NODE}`,
  async (t) => {
    const server = http.createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    t.teardown(() => server.close());
    const far = net.connect({
      port: (server.address() as AddressInfo).port,
      host: '127.0.0.1',
      allowHalfOpen: true,
    });
    far.write('CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\nglued');
    const [, old, head] = (await once(server, 'connect')) as [http.IncomingMessage, net.Socket, Buffer];
    t.equal(head.toString(), 'glued');
    far.write('sent while the proxy was dialling');
    await turns();
    const { leg, early, text } = adopt(old);
    t.equal(early, 'sent while the proxy was dialling');
    far.write('sent later');
    await until(() => text() === 'sent later');
    const toFar = receive(far);
    leg.socket.end('HTTP/1.1 200 OK\r\n\r\n');
    t.same(await toFar, { bytes: Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), ending: 'end' });
    far.end();
    await until(() => leg.closed);
    await new Promise((resolve) => server.close(resolve));
    t.pass('the server knows that it has no connections left');
  },
);

/** A server whose connections become legs, and what they read. */
async function legServer(t: Test): Promise<{ server: net.Server; port: number; next: () => Promise<Leg> }> {
  const server = net.createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const waiting: ((leg: Leg) => void)[] = [];
  onAccepted(server, (handle) => {
    waiting.shift()?.(new Leg(new BufferPool(), (onread) => socketOf(server, handle, onread)));
  });
  t.teardown(() => server.close());
  const next = (): Promise<Leg> => new Promise((resolve) => waiting.push(resolve));
  return { server, port: (server.address() as AddressInfo).port, next };
}

t.test(
  `onAccepted() gives connections that read into our buffers from the first byte, ${NODE}`,
  async (t) => {
    const { server, port, next } = await legServer(t);
    server.on('connection', () => t.fail('the server makes no socket of its own'));
    const accepted = next();
    const far = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    far.write('hello');
    const leg = await accepted;
    t.equal(leg.socket.remoteAddress, '127.0.0.1');
    t.equal(leg.socket.remotePort, far.localPort);
    const text = textOf(leg);
    leg.resume();
    await until(() => text() === 'hello');
    const toFar = receive(far);
    leg.socket.end('good bye');
    t.same(await toFar, { bytes: Buffer.from('good bye'), ending: 'end' });
    t.notOk(leg.ended, 'half open');
    far.end();
    await until(() => leg.closed);
    t.equal(leg.error, undefined);
  },
);

t.test(`the server counts what socketOf() made, and closes with the last, ${NODE}`, async (t) => {
  const { server, port, next } = await legServer(t);
  const accepted = next();
  const far = net.connect({ host: '127.0.0.1', port });
  const leg = await accepted;
  let isClosed = false;
  server.close(() => {
    isClosed = true;
  });
  await turns();
  t.notOk(isClosed);
  far.on('error', () => {});
  leg.reset();
  await until(() => isClosed);
  t.ok(leg.closed);
});

t.test(`a leg of socketOf() can be read by Node’s HTTP, and become a tunnel later, ${NODE}`, async (t) => {
  const { port, next } = await legServer(t);
  const reader = http.createServer((_request, response) => response.end('answer'));
  const accepted = next();
  const far = net.connect({ host: '127.0.0.1', port });
  const leg = await accepted;
  leg.attach({ ...NOBODY, onChunk: ({ socket }, chunk) => socket.push(Buffer.from(chunk)) });
  leg.socket.unshift(Buffer.from('GET / HT'));
  reader.emit('connection', leg.socket);
  far.write('TP/1.1\r\nHost: x\r\n\r\n');
  const [answer] = (await once(far, 'data')) as [Buffer];
  t.match(answer.toString(), /^HTTP\/1\.1 200 OK\r\n[\s\S]*answer/);
  far.write('CONNECT a.example:443 HTTP/1.1\r\nHost: x\r\n\r\nglued');
  const [, , head] = (await once(reader, 'connect')) as [unknown, unknown, Buffer];
  t.equal(head.toString(), 'glued');
  const text = textOf(leg);
  leg.resume();
  far.write('later');
  await until(() => text() === 'later');
  leg.socket.destroy();
  await once(far, 'close');
});

t.test(`what cannot be accepted is an error of the server, ${NODE}`, async (t) => {
  const { server } = await legServer(t);
  const failed = once(server, 'error');
  const internals = server as unknown as { _handle: { onconnection(status: number): void } };
  internals._handle.onconnection(-24);
  t.match(await failed, [{ message: 'Cannot accept a connection: EMFILE' }]);
});
