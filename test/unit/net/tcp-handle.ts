import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import process from 'node:process';
import tls from 'node:tls';
import t, { type Test } from 'tap';
import { BufferPool } from '#net/buffers.ts';
import { type Leg, NOBODY } from '#net/leg.ts';
import {
  awaitFin,
  bindHandle,
  closeHandle,
  connectError,
  connectHandle,
  type HandleOwner,
  handleOf,
  newHandle,
  onAccepted,
  own,
  PENDING,
  remoteOf,
  resetHandle,
  resetSecure,
  shutDown,
  socketBeneath,
  systemError,
  writeBytes,
  writeText,
} from '#net/tcp-handle.ts';
import { TcpLeg } from '#net/tcp-leg.ts';
import { NO_ACCOUNT, receive, Sockets, turns, until } from '../../fixtures/sockets.ts';
import { Issuer } from '../../fixtures/tls.ts';

/** Takes over `old` into a leg; `text` is what it reads. */
function adopt(old: net.Socket): { leg: Leg; early: string | undefined; text: () => string } {
  const { handle, early } = handleOf(old);
  const leg = new TcpLeg(new BufferPool(), NO_ACCOUNT, handle);
  leg.resume();
  return { leg, early: early?.toString(), text: textOf(leg) };
}

/** What `leg` reads from now on. */
function textOf(leg: Leg): () => string {
  const chunks: Buffer[] = [];
  leg.attach({ ...NOBODY, onChunk: (_leg, chunk) => chunks.push(Buffer.from(chunk)) > 0 });
  return () => Buffer.concat(chunks).toString();
}

// What handleOf() relies on is not documented by Node: a new version has to pass this file first.
const NODE = `on Node ${process.version}`;

t.test(`handleOf() moves a connection to a leg, ${NODE}`, async (t) => {
  await using sockets = await Sockets.open();
  const { far: old, accepted: far } = await sockets.pair();
  old.setTimeout(60_000);
  for (const event of ['data', 'end', 'close', 'error', 'timeout']) {
    old.on(event, () => t.fail(`the old socket emitted ${event}`));
  }
  const { leg, early, text } = adopt(old);
  t.equal(early, undefined);
  const toFar = receive(far);
  far.write('hello');
  await until(() => text() === 'hello');
  leg.writeText('and good bye');
  leg.end();
  t.same(await toFar, { bytes: Buffer.from('and good bye'), ending: 'end' });
  far.end();
  await until(() => leg.ended && leg.closed);
  t.equal(leg.error, undefined);
  t.notOk(old.destroyed, 'the old one is only forgotten');
});

t.test(`handleOf() hands on what the old socket had read, ${NODE}`, async (t) => {
  await using sockets = await Sockets.open();
  const { far: old, accepted: far } = await sockets.pair();
  far.write('read before');
  await once(old, 'readable');
  const { early, leg, text } = adopt(old);
  t.equal(early, 'read before');
  far.write('read after');
  await until(() => text() === 'read after');
  leg.reset();
  await until(() => leg.closed);
});

t.test(`handleOf() hands on all that the old socket had read, in however many pieces, ${NODE}`, async (t) => {
  await using sockets = await Sockets.open();
  const { far: old, accepted: far } = await sockets.pair();
  old.read(0);
  for (const [piece, length] of [
    ['one ', 4],
    ['two ', 8],
    ['three', 13],
  ] as const) {
    far.write(piece);
    await until(() => old.readableLength === length);
  }
  const { early, leg } = adopt(old);
  t.equal(early, 'one two three');
  leg.reset();
  await until(() => leg.closed);
});

t.test(`handleOf() sees again an end that came with bytes the old socket had read, ${NODE}`, async (t) => {
  await using sockets = await Sockets.open();
  const { far: old, accepted: far } = await sockets.pair();
  far.end('last words');
  await once(old, 'readable');
  await turns();
  const { early, leg } = adopt(old);
  t.equal(early, 'last words');
  await until(() => leg.ended);
  const toFar = receive(far);
  leg.writeText('heard');
  leg.end();
  t.equal((await toFar).bytes.toString(), 'heard', 'the other way is still open');
});

t.test(`handleOf() sees again an end that the old socket had told of, ${NODE}`, async (t) => {
  await using sockets = await Sockets.open();
  const { far: old, accepted: far } = await sockets.pair();
  far.end();
  await once(old.resume(), 'end');
  const { early, leg } = adopt(old);
  t.equal(early, undefined);
  await until(() => leg.ended);
  t.notOk(leg.closed);
  leg.end();
  await until(() => leg.closed);
});

t.test(`handleOf() leaves a reset to be seen by the new socket, ${NODE}`, async (t) => {
  await using sockets = await Sockets.open();
  const { far: old, accepted: far } = await sockets.pair();
  const { leg } = adopt(old);
  far.resetAndDestroy();
  await until(() => leg.closed);
  t.match(leg.error, { code: 'ECONNRESET' });
});

t.test(`handleOf() refuses a socket that is closed, ${NODE}`, async (t) => {
  await using sockets = await Sockets.open();
  const { far: old } = await sockets.pair();
  old.destroy();
  t.throws(() => handleOf(old), {
    message: 'Cannot take over a closed socket',
  });
});

t.test(
  `handleOf() takes what has switched protocols, with the bytes glued to its head, ${NODE}`,
  async (t) => {
    const server = http.createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const request = http.request({
      port,
      host: '127.0.0.1',
      headers: { Connection: 'Upgrade', Upgrade: 'x' },
    });
    request.end();
    const [, far] = (await once(server, 'upgrade')) as [unknown, net.Socket];
    far.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nglued');
    const [, old, head] = (await once(request, 'upgrade')) as [unknown, net.Socket, Buffer];
    t.equal(head.toString(), 'glued');
    far.write('sent before it was taken');
    await once(old, 'readable');
    const { leg, early, text } = adopt(old);
    t.equal(early, 'sent before it was taken');
    far.write('sent later');
    await until(() => text() === 'sent later');
    leg.writeText('good bye');
    leg.end();
    far.end();
    t.equal((await receive(far)).bytes.toString(), 'good bye');
    await until(() => leg.closed);
    server.close();
  },
);

/** A server whose connections become legs, and what they read. */
async function legServer(
  t: Test,
): Promise<{ server: net.Server; port: number; next: () => Promise<TcpLeg> }> {
  const server = net.createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const waiting: ((leg: TcpLeg) => void)[] = [];
  onAccepted(server, (handle) => {
    waiting.shift()?.(new TcpLeg(new BufferPool(), NO_ACCOUNT, handle));
  });
  t.teardown(() => server.close());
  const next = (): Promise<TcpLeg> => new Promise((resolve) => waiting.push(resolve));
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
    t.equal(leg.remote?.address, '127.0.0.1');
    t.equal(leg.remote?.port, far.localPort);
    const text = textOf(leg);
    leg.resume();
    await until(() => text() === 'hello');
    const toFar = receive(far);
    leg.writeText('good bye');
    leg.end();
    t.same(await toFar, { bytes: Buffer.from('good bye'), ending: 'end' });
    t.notOk(leg.ended, 'half open');
    far.end();
    await until(() => leg.closed);
    t.equal(leg.error, undefined);
  },
);

t.test(
  `what has been read from can be handed on to be read by Node’s HTTP, and become a tunnel later, ${NODE}`,
  async (t) => {
    const { port, next } = await legServer(t);
    const reader = http.createServer((_request, response) => response.end('answer'));
    const accepted = next();
    const far = net.connect({ host: '127.0.0.1', port });
    const plain = await accepted;
    far.write('GET / HT');
    plain.resume();
    await until(() => plain.heldBytes > 0);
    const leg = plain.toSocketLeg();
    leg.attach({ ...NOBODY, onChunk: (_leg, chunk) => leg.socket.push(Buffer.from(chunk)) });
    leg.socket.unshift(plain.takeHeld());
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
    leg.destroy();
    await once(far, 'close');
  },
);

t.test(`toSocket() gives a Socket that Node reads and closes, ${NODE}`, async (t) => {
  const { port, next } = await legServer(t);
  const accepted = next();
  const far = net.connect({ host: '127.0.0.1', port });
  far.write('hello');
  const socket = (await accepted).toSocket();
  const received = receive(socket);
  const [toFar] = [receive(far), socket.write('good bye')];
  far.end();
  t.equal((await received).bytes.toString(), 'hello');
  t.equal((await toFar).bytes.toString(), 'good bye');
  t.ok(socket.destroyed, 'it is not half open');
});

t.test(`what cannot be accepted is an error of the server, ${NODE}`, async (t) => {
  const { server } = await legServer(t);
  const failed = once(server, 'error');
  const internals = server as unknown as { _handle: { onconnection(status: number): void } };
  internals._handle.onconnection(-24);
  t.match(await failed, [{ message: 'Cannot accept a connection: EMFILE' }]);
});

/** Hears what becomes of a handle, for tests of the handle alone. */
class Listener implements HandleOwner {
  readonly heard: string[] = [];
  /** What is read into lives as long as the handle, which keeps its owner alone: libuv would write into memory that is freed. */
  readonly buffer = Buffer.alloc(4);

  onRead(count: number): undefined {
    this.heard.push(`read ${count}`);
  }

  onReadEnd(): void {
    this.heard.push('end');
  }

  onReadFault(status: number): void {
    this.heard.push(`fault ${systemError(status, 'read').code}`);
  }

  onConnected(status: number): void {
    this.heard.push(`connected ${status}`);
  }

  onWritten(status: number): void {
    this.heard.push(`written ${status}`);
  }

  onShutDown(): void {
    this.heard.push('shut down');
  }

  onHandleClosed(): void {
    this.heard.push('closed');
  }
}

/** A handle that is connected, with the far end of it. */
async function connected(sockets: Sockets) {
  const [handle, listener, accepted] = [newHandle(), new Listener(), sockets.nextAccepted()];
  own(handle, listener);
  connectHandle(handle, '127.0.0.1', sockets.port);
  const far = await accepted;
  await until(() => listener.heard.length > 0);
  return { handle, heard: listener.heard, buffer: listener.buffer, far };
}

t.test(`a handle tells its owner of all that happens to it, ${NODE}`, async (t) => {
  await using sockets = await Sockets.open();
  const { handle, heard, buffer, far } = await connected(sockets);
  t.same(remoteOf(handle), { address: '127.0.0.1', family: 'IPv4', port: sockets.port });
  handle.useUserBuffer(buffer);
  handle.readStart();
  far.write('1234');
  await until(() => heard.includes('read 4'));
  await turns();
  t.equal(writeBytes(handle, Buffer.from('a')), 0);
  t.equal(writeText(handle, 'b'), 0);
  t.equal(writeBytes(handle, Buffer.from('c'), Buffer.from('d')), 0);
  const fin = shutDown(handle);
  t.ok(awaitFin(fin));
  const received = receive(far);
  far.end('5');
  await until(() => heard.includes('end') && heard.includes('shut down'));
  t.notOk(awaitFin(fin), 'it is sent');
  t.equal((await received).bytes.toString(), 'abcd');
  closeHandle(handle, false);
  await until(() => heard.includes('closed'));
  t.same(heard.toSorted(), ['closed', 'connected 0', 'end', 'read 1', 'read 4', 'shut down']);
});

t.test(`a FIN that nobody waits for is sent all the same, and nobody is told, ${NODE}`, async (t) => {
  await using sockets = await Sockets.open();
  const { handle, heard, far } = await connected(sockets);
  const received = receive(far);
  const fin = shutDown(handle);
  t.same(await received, { bytes: Buffer.alloc(0), ending: 'end' });
  t.notOk(awaitFin(fin));
  resetHandle(handle);
  await until(() => heard.includes('closed'));
  t.same(heard, ['connected 0', 'closed']);
});

t.test(
  `a write that has to wait is told of, and ends with an error when the handle is reset, ${NODE}`,
  async (t) => {
    await using sockets = await Sockets.open();
    const { handle, heard, far } = await connected(sockets);
    far.pause();
    t.equal(writeBytes(handle, Buffer.alloc(12 * 1024 * 1024)), PENDING);
    t.equal(writeText(handle, 'x'.repeat(100)), PENDING);
    t.equal(writeBytes(handle, Buffer.from('a'), Buffer.from('b')), PENDING);
    t.ok(handle.writeQueueSize > 100);
    resetHandle(handle);
    await until(() => heard.includes('closed'));
    t.match(heard, ['connected 0', ...new Array(3).fill(/^written -\d+$/), 'closed']);
  },
);

t.test(`a handle tells of a reset by the far end, and refuses what is written then, ${NODE}`, async (t) => {
  await using sockets = await Sockets.open();
  const { handle, heard, buffer, far } = await connected(sockets);
  handle.useUserBuffer(buffer);
  handle.readStart();
  far.resetAndDestroy();
  await until(() => heard.includes('fault ECONNRESET'));
  t.equal(remoteOf(handle), undefined);
  t.ok(writeBytes(handle, Buffer.from('late')) < 0);
  t.ok(writeText(handle, 'late') < 0);
  closeHandle(handle, false);
  await until(() => heard.includes('closed'));
});

t.test(`socketBeneath() is the socket that TLS was put over, ${NODE}`, async (t) => {
  await using sockets = await Sockets.open();
  const { far } = await sockets.pair();
  const secure = tls.connect({ socket: far });
  secure.on('error', () => {});
  t.equal(socketBeneath(secure), far);
  secure.destroy();
  t.equal(socketBeneath(secure), far, 'also when it is closed');
  const alone = new tls.TLSSocket(new net.Socket());
  Object.assign(alone, { _parent: undefined });
  t.throws(() => socketBeneath(alone), {
    name: 'UnsuitableNode',
    message: /has no "_parent" of TLS sockets/,
  });
  alone.destroy();
});

t.test(`resetSecure() closes what is beneath TLS with RST, ${NODE}`, async (t) => {
  await using issuer = await Issuer.open();
  const { cert, key } = await issuer.issue('peer.test');
  await using sockets = await Sockets.open();
  const { accepted, far: beneath } = await sockets.pair();
  const secureContext = tls.createSecureContext({ cert, key });
  const far = new tls.TLSSocket(accepted, { isServer: true, secureContext });
  far.on('error', () => {});
  const secure = tls.connect({ socket: beneath, ca: issuer.ca, servername: 'peer.test' });
  await once(secure, 'secureConnect');
  const faults: Error[] = [];
  secure.on('error', (error) => faults.push(error));
  const received = receive(far);
  resetSecure(secure);
  t.equal((await received).ending, 'ECONNRESET');
  await until(() => secure.closed && beneath.closed);
  t.same(faults, []);
});

t.test('connectError() names who was to be reached, as Node does', async (t) => {
  t.match(connectError(-111, { address: '::1', port: 9 }), {
    message: 'connect ECONNREFUSED [::1]:9',
    code: 'ECONNREFUSED',
    errno: -111,
    syscall: 'connect',
    address: '::1',
    port: 9,
  });
});

t.test(`a handle that is not connected has no far end, and no end to send, ${NODE}`, async (t) => {
  const [handle, listener] = [newHandle(), new Listener()];
  own(handle, listener);
  t.equal(remoteOf(handle), undefined);
  t.notOk(awaitFin(shutDown(handle)), 'nothing is under way');
  t.ok(connectHandle(handle, '::nonsense::', 9) < 0);
  t.ok(connectHandle(handle, 'nonsense', 9) < 0);
  closeHandle(handle, false);
  await until(() => listener.heard.includes('closed'));
  t.same(listener.heard, ['closed']);
});

t.test(
  'onAccepted() says so where Node would not give connections, on a server that does not listen',
  async (t) => {
    const server = net.createServer();
    t.throws(() => onAccepted(server, () => {}), {
      name: 'UnsuitableNode',
      message: /has no "onconnection" of servers/,
    });
  },
);

t.test(`bindHandle() says which address a connection is to begin at, ${NODE}`, async (t) => {
  for (const [address, isOurs] of [
    ['127.0.0.9', true],
    ['::1', true],
    ['198.51.100.7', false],
    ['2001:db8::7', false],
  ] as const) {
    const handle = newHandle();
    t.equal(bindHandle(handle, address) === 0, isOurs, address);
    handle.close();
  }
});
