import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import process from 'node:process';
import tls from 'node:tls';
import t from 'tap';
import { BufferPool, SCRATCH_BYTES } from '#net/buffers.ts';
import type { ConnectObserver } from '#net/connecting.ts';
import { type Leg, NOBODY, type Place } from '#net/leg.ts';
import { TcpLeg } from '#net/tcp-leg.ts';
import { Keeper } from '../../fixtures/keeper.ts';
import { CountedAccount, closedPort, receive, Sockets, turns, until } from '../../fixtures/sockets.ts';
import { Issuer } from '../../fixtures/tls.ts';

const HERE = '127.0.0.1';
/** More than the kernel keeps for a connection. */
const MUCH = 12 * 1024 * 1024;

/** Keeps what it is told of a connect. */
class Outcome implements ConnectObserver {
  readonly heard: (string | undefined)[] = [];
  leg: TcpLeg | undefined = undefined;

  onConnect(): void {
    this.heard.push('connected');
  }

  onConnectFault(error: NodeJS.ErrnoException | undefined): void {
    this.heard.push(this.leg?.closed ? error?.message : 'not closed');
  }
}

/** A leg that is counted and kept, and reads; with the far end of it. */
async function openLeg(sockets: Sockets, pool = new BufferPool()) {
  const [account, keeper] = [new CountedAccount(), new Keeper()];
  const { leg, far } = await sockets.leg('tcp', pool, account);
  leg.attach(keeper);
  return { leg: leg as TcpLeg, far, account, keeper };
}

function connecting(target: Place) {
  const [account, outcome] = [new CountedAccount(), new Outcome()];
  const leg = new TcpLeg(new BufferPool(), account);
  outcome.leg = leg;
  leg.connect(target, outcome);
  return { leg, account, outcome };
}

/** Lets the far end reset `leg` without its knowing. */
async function resetUnseen({ leg, far, keeper }: Awaited<ReturnType<typeof openLeg>>): Promise<void> {
  keeper.pauses = true;
  far.write('pauses it');
  await until(() => leg.bytesRead > 0);
  far.resetAndDestroy();
  await turns();
}

t.test('TcpLeg passes bytes and ends both ways, and counts them', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far, account, keeper } = await openLeg(sockets);
  const received = receive(far);
  t.ok(leg.write(Buffer.alloc(0)), 'nothing is taken at once');
  t.ok(leg.write(Buffer.from('o'), Buffer.from('n')));
  t.ok(leg.write(Buffer.from('e ')));
  leg.writeText('t\xf4w');
  t.equal(leg.pendingBytes, 0);
  t.match(leg.remote, { address: HERE, port: sockets.port });
  const client = { address: '192.0.2.7', port: 7 };
  leg.client = client;
  t.same(leg.remote, client, 'a load balancer speaks for another');
  leg.end();
  t.ok(leg.writableEnded);
  t.notOk(leg.destroyed);
  t.same(await received, { bytes: Buffer.from('one t\xf4w', 'latin1'), ending: 'end' });
  far.end('three');
  await until(() => leg.closed);
  t.equal(keeper.text, 'three');
  t.same(keeper.heard, ['end', 'close cleanly']);
  t.equal(leg.received, 5);
  t.equal(leg.sent, 7);
  t.equal(account.closed, 1);
});

t.test('TcpLeg whose far end ended first closes when its own end is sent', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far, keeper } = await openLeg(sockets);
  far.pause();
  far.end();
  await until(() => leg.ended);
  leg.resume();
  t.notOk(leg.write(Buffer.alloc(MUCH / 2), Buffer.alloc(MUCH / 2)));
  leg.writeText('and text that has to wait');
  leg.end();
  t.ok(leg.pendingBytes > 0);
  await turns();
  t.notOk(leg.closed);
  t.equal((await receive(far)).bytes.length, MUCH + 25);
  await until(() => leg.closed);
  t.same(keeper.heard, ['end', 'drain', 'close cleanly']);
});

for (const way of ['destroy', 'reset', 'destroySoon'] as const) {
  t.test(`${way}() amid a connect is told of once, when it is closed`, async (t) => {
    await using sockets = await Sockets.open();
    const { leg, account, outcome } = connecting({ address: HERE, port: sockets.port });
    leg[way]();
    leg.destroy(new Error('too late'));
    t.same(outcome.heard, []);
    await until(() => leg.closed);
    await turns();
    t.same(outcome.heard, [undefined]);
    t.equal(account.closed, 1);
  });
}

t.test('destroy() amid a connect tells why', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, outcome } = connecting({ address: HERE, port: sockets.port });
  leg.destroy(new Error('why'));
  await until(() => leg.closed);
  t.same(outcome.heard, ['why']);
  t.match(leg.error, { message: 'why' });
});

t.test('A connect that is refused says by whom', async (t) => {
  const port = await closedPort();
  for (const [address, text] of [
    [HERE, `${HERE}:${port}`],
    ['::1', `[::1]:${port}`],
  ] as const) {
    const { leg, account, outcome } = connecting({ address, port });
    await until(() => leg.closed);
    t.same(outcome.heard, [`connect ECONNREFUSED ${text}`]);
    t.match(leg.error, { code: 'ECONNREFUSED', syscall: 'connect', address, port });
    t.equal(account.closed, 1);
  }
});

t.test('A connect that fails at once is told of later, when it is closed', async (t) => {
  const { leg, account, outcome } = connecting({ address: 'no address', port: 9 });
  t.ok(leg.destroyed);
  t.same(outcome.heard, []);
  await until(() => leg.closed);
  t.same(outcome.heard, ['connect EINVAL no address:9']);
  t.equal(account.closed, 1);
});

t.test('reset() while the FIN is being sent waits for that, whatever comes between', async (t) => {
  await using sockets = await Sockets.open();
  for (const meanwhile of ['reset', 'destroySoon', 'destroy', 'end'] as const) {
    const { leg, far, account, keeper } = await openLeg(sockets);
    far.resume();
    leg.end();
    leg.reset();
    leg[meanwhile]();
    await until(() => leg.closed);
    t.same(keeper.heard.at(-1), 'close cleanly');
    t.equal(account.closed, 1);
    t.equal(leg.error, undefined);
  }
});

t.test('reset() right behind an end is a reset to the far end all the same', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far } = await openLeg(sockets);
  const failed = new Promise((resolve) => far.once('error', resolve));
  leg.end();
  leg.reset();
  await until(() => leg.closed);
  // Its FIN may be seen first: what is written then is answered with RST.
  far.write('anybody there?');
  t.match(await failed, { code: /^(ECONNRESET|EPIPE)$/ });
});

t.test('reset() once the FIN is sent waits for nothing', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far, account } = await openLeg(sockets);
  far.resume();
  leg.end();
  await turns();
  t.notOk(leg.destroyed);
  leg.reset();
  t.ok(leg.destroyed);
  await until(() => leg.closed);
  t.equal(account.closed, 1);
});

t.test('destroySoon() closes when all is written and the FIN is sent', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far, account, keeper } = await openLeg(sockets);
  far.pause();
  t.notOk(leg.write(Buffer.alloc(MUCH)));
  leg.destroySoon();
  t.notOk(leg.write(Buffer.from('late')));
  const { bytes, ending } = await receive(far);
  t.same([bytes.length, ending], [MUCH, 'end']);
  await until(() => leg.closed);
  t.same(keeper.heard, ['drain', 'close cleanly']);
  t.equal(account.closed, 1);
});

t.test('A write that fails at once closes the leg with what the system says', async (t) => {
  await using sockets = await Sockets.open();
  for (const write of [(leg: Leg) => leg.write(Buffer.from('late')), (leg: Leg) => leg.writeText('late')]) {
    const open = await openLeg(sockets);
    await resetUnseen(open);
    const { leg, account, keeper } = open;
    t.notOk(write(leg));
    t.ok(leg.destroyed);
    t.notOk(leg.write(Buffer.from('later')));
    await until(() => leg.closed);
    t.match(leg.error, { syscall: 'write', code: /^(EPIPE|ECONNRESET)$/ });
    t.match(keeper.heard, [/^close E/], 'no drain: nothing was pending');
    t.equal(account.closed, 1);
  }
});

t.test('A write that fails later closes the leg, once', async (t) => {
  await using sockets = await Sockets.open();
  const open = await openLeg(sockets);
  const { leg, far, account, keeper } = open;
  far.pause();
  t.notOk(leg.write(Buffer.alloc(MUCH)));
  t.notOk(leg.write(Buffer.alloc(MUCH)));
  await resetUnseen(open);
  await until(() => leg.closed);
  t.match(leg.error, { syscall: 'write', code: /^(EPIPE|ECONNRESET)$/ });
  t.match(keeper.heard, ['drain', /^close E/]);
  t.equal(account.closed, 1);
});

t.test('A leg whose FIN cannot be sent any more closes with what it reads', async (t) => {
  await using sockets = await Sockets.open();
  const open = await openLeg(sockets);
  await resetUnseen(open);
  const { leg } = open;
  leg.end();
  await turns();
  t.notOk(leg.destroyed);
  leg.resume();
  await until(() => leg.closed);
  t.ok(leg.closed);
});

t.test('A leg that was never connected has its end refused, and can be closed', async (t) => {
  const account = new CountedAccount();
  const leg = new TcpLeg(new BufferPool(), account);
  t.equal(leg.remote, undefined);
  leg.end();
  t.ok(leg.writableEnded);
  leg.destroy();
  await until(() => leg.closed);
  t.equal(account.closed, 1);
});

t.test('An end that comes while the leg is paused is seen when it reads on', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, far, keeper } = await openLeg(sockets);
  keeper.pauses = true;
  far.write('pauses it');
  await until(() => leg.bytesRead > 0);
  far.end();
  await turns();
  t.same(keeper.heard, []);
  leg.resume();
  await until(() => leg.ended);
  t.same(keeper.heard, ['end']);
  leg.destroy();
});

t.test('An end that comes while the leg is being closed is not told of', async (t) => {
  await using sockets = await Sockets.open();
  const { leg, keeper } = await openLeg(sockets);
  leg.destroy();
  leg.onReadEnd();
  await until(() => leg.closed);
  t.same(keeper.heard, ['close cleanly']);
});

t.test('A leg reads into a larger buffer, and a chunk that fills one is whole', async (t) => {
  await using sockets = await Sockets.open();
  const pool = new BufferPool();
  const { leg, far, keeper } = await openLeg(sockets, pool);
  far.write(Buffer.alloc(SCRATCH_BYTES * 16, 1));
  await until(() => leg.bytesRead === SCRATCH_BYTES * 16);
  t.ok(leg.ownsBuffer);
  t.ok(Buffer.concat(keeper.chunks).equals(Buffer.alloc(SCRATCH_BYTES * 16, 1)));
  leg.keepAlive(1_500);
  leg.destroy();
  await until(() => leg.closed);
  t.equal(pool.lent, 0);
});

for (const [name, take] of [
  ['toSocket', (leg: TcpLeg) => leg.toSocket()],
  ['toSocketLeg', (leg: TcpLeg) => leg.toSocketLeg().socket],
] as const) {
  t.test(`${name}() leaves a leg that does nothing any more, and the account to whom it gives`, async (t) => {
    await using sockets = await Sockets.open();
    const account = new CountedAccount();
    const outcome = Promise.withResolvers<void>();
    const accepted = sockets.nextAccepted();
    const leg = new TcpLeg(new BufferPool(), account);
    leg.connect(
      { address: HERE, port: sockets.port },
      { onConnect: outcome.resolve, onConnectFault: outcome.reject },
    );
    await outcome.promise;
    const far = await accepted;
    const socket = take(leg);
    for (const way of ['end', 'destroySoon', 'reset', 'resume', 'destroy'] as const) leg[way]();
    t.notOk(leg.write(Buffer.from('from the old one')));
    leg.writeText('from the old one');
    leg.keepAlive(1_000);
    t.same([leg.remote, leg.pendingBytes, leg.closed], [undefined, 0, true]);
    t.equal(account.closed, 0);
    const received = receive(far);
    far.end();
    socket.end('from the new one');
    t.equal((await received).bytes.toString(), 'from the new one');
    socket.destroy();
    await until(() => account.closed > 0);
    await turns();
    t.equal(account.closed, 1);
  });
}

t.test('A leg that is handed on amid a chunk takes no buffer for itself', async (t) => {
  await using sockets = await Sockets.open();
  const pool = new BufferPool();
  const { leg, far } = await openLeg(sockets, pool);
  let chunks = 0;
  const next = Promise.withResolvers<Leg>();
  leg.attach({
    ...NOBODY,
    onChunk: () => {
      chunks += 1;
      if (chunks === 2) next.resolve(leg.toSocketLeg());
      return true;
    },
  });
  far.write(Buffer.alloc(SCRATCH_BYTES * 8));
  const other = await next.promise;
  await turns();
  t.equal(chunks, 2);
  t.equal(pool.lent, 0);
  other.destroy();
  await until(() => other.closed);
});

t.test('TLS can begin behind what a leg has read', async (t) => {
  const issuer = await Issuer.open();
  t.teardown(() => issuer[Symbol.asyncDispose]());
  const certificate = await issuer.issue('a.example');
  await using sockets = await Sockets.open();
  const { leg, far } = await openLeg(sockets);
  const server = tls.createServer(certificate, (socket) => socket.end('within'));
  leg.attach({
    ...NOBODY,
    onChunk: (_, chunk) => {
      leg.hold(chunk.subarray('PROXY'.length));
      server.emit('connection', leg.toSocket({ allowHalfOpen: true }));
      return true;
    },
  });
  far.write('PROXY');
  // In one write with the ClientHello.
  far.cork();
  process.nextTick(() => far.uncork());
  const secure = tls.connect({ socket: far, servername: 'a.example', rejectUnauthorized: false });
  let heard = '';
  for await (const chunk of secure) heard += chunk;
  t.equal(heard, 'within');
  await until(() => far.destroyed);
});

t.test('Legs that are opened and closed leave no handle behind, however they end', async (t) => {
  await using sockets = await Sockets.open();
  const handles = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  for (const way of ['destroy', 'reset', 'destroySoon', 'end'] as const) {
    const { leg, far, account } = await openLeg(sockets);
    leg[way]();
    far.resume();
    far.end();
    await until(() => leg.closed && far.closed);
    t.equal(account.closed, 1);
  }
  // What was closed in silence is closing still.
  await turns();
  t.equal(handles(), 0);
});

for (const [address, source] of [
  ['127.0.0.1', '127.0.0.9'],
  ['::1', '::1'],
] as const) {
  t.test(`TcpLeg connects to ${address} from the address that it is told, ${source}`, async (t) => {
    const server = net.createServer();
    await once(server.listen(0, address), 'listening');
    const accepted = once(server, 'connection');
    const { leg, outcome } = connecting({ address, port: (server.address() as AddressInfo).port, source });
    const [socket] = (await accepted) as [net.Socket];
    t.equal(socket.remoteAddress, source);
    await until(() => outcome.heard.length > 0);
    t.same(outcome.heard, ['connected']);
    socket.destroy();
    leg.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
}

t.test('TcpLeg says so where the address that it is to begin at is not of this host', async (t) => {
  await using sockets = await Sockets.open();
  const { account, outcome } = connecting({ address: HERE, port: sockets.port, source: '198.51.100.7' });
  await until(() => outcome.heard.length > 0);
  t.same(outcome.heard, ['bind EADDRNOTAVAIL']);
  t.equal(account.closed, 1);
  t.equal(await sockets.accepted(), 0);
});
