import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import t, { type Test } from 'tap';
import { type DialTarget, Opening, type UpstreamLeg } from '#net/opening.ts';
import { systemError } from '#net/tcp-handle.ts';
import { TcpLeg } from '#net/tcp-leg.ts';
import { TlsClient } from '#net/tls-client.ts';
import { TlsLeg } from '#net/tls-leg.ts';
import { Kept } from '../../fixtures/pool.ts';
import { closedPort, dialTools, Sockets, until, watchOpenings } from '../../fixtures/sockets.ts';
import { Issuer } from '../../fixtures/tls.ts';

interface Started {
  readonly opening: Opening;
  readonly outcome: Promise<TcpLeg | NodeJS.ErrnoException>;
}

function start(tools: ReturnType<typeof dialTools>, port: number): Started {
  const { promise: outcome, resolve } = Promise.withResolvers<TcpLeg | NodeJS.ErrnoException>();
  const target: DialTarget = { address: '127.0.0.1', port, timeoutMs: 1_000 };
  return {
    opening: new Opening(tools, target, { onOpened: (leg) => resolve(leg as TcpLeg), onFailed: resolve }),
    outcome,
  };
}

/** From now on the first `count` connects of the test find no file descriptor. */
function exhaust(t: Test, count: number, status: number): { made: number } {
  const seen = { made: 0 };
  const { connect } = TcpLeg.prototype;
  TcpLeg.prototype.connect = function (...parts) {
    seen.made += 1;
    connect.apply(this, parts);
    if (seen.made <= count) this.destroy(systemError(status, 'connect'));
  };
  t.teardown(() => Object.assign(TcpLeg.prototype, { connect }));
  return seen;
}

t.test('Opening hands over a leg that is connected, and has read nothing', async (t) => {
  await using sockets = await Sockets.open();
  const tools = dialTools();
  const leg = (await start(tools, sockets.port).outcome) as TcpLeg;
  t.equal(leg.remote?.port, sockets.port);
  t.equal(leg.remote?.address, '127.0.0.1');
  t.equal(tools.ledger.open('upstream'), 1);
  t.equal(tools.wheel.size, 0);
  leg.destroy(new Error('later'));
  await until(() => tools.ledger.open('upstream') === 0);
});

t.test('Opening hands over a leg that reads already, where that is asked for', async (t) => {
  await using sockets = await Sockets.open();
  const [tools, accepted] = [dialTools(), sockets.nextAccepted()];
  const target = { address: '127.0.0.1', port: sockets.port, timeoutMs: 1_000, readsAtOnce: true };
  const { promise, resolve } = Promise.withResolvers<UpstreamLeg>();
  new Opening(tools, target, { onOpened: resolve, onFailed: (error) => t.fail(error.message) });
  const leg = await promise;
  (await accepted).end('unasked');
  await until(() => leg.heldBytes > 0);
  t.notOk(leg.ended, 'it reads no more than one chunk before somebody is in charge');
  t.equal(leg.takeHeld()?.toString(), 'unasked');
  leg.resume();
  await until(() => leg.ended);
  leg.destroy();
});

t.test('Opening fails with what the system says', async (t) => {
  const tools = dialTools();
  const { outcome } = start(tools, await closedPort());
  t.match(await outcome, { code: 'ECONNREFUSED', syscall: 'connect' });
  t.same(tools.ledger.closed, tools.ledger.opened);
  t.equal(tools.wheel.size, 0);
});

t.test('Opening fails with what the system says at once', async (t) => {
  const tools = dialTools();
  // Nobody can connect to a port of a broadcast address.
  const target: DialTarget = { address: '255.255.255.255', port: 9, timeoutMs: 1_000 };
  const { promise, resolve } = Promise.withResolvers<unknown>();
  new Opening(tools, target, { onOpened: resolve, onFailed: resolve });
  t.match(await promise, { syscall: 'connect', code: /^E/ });
  t.same(tools.ledger.closed, tools.ledger.opened);
});

t.test('Opening fails when its time is over, when it is stopped, and when its leg is closed', async (t) => {
  await using sockets = await Sockets.open();
  const tools = dialTools();
  const late = start(tools, sockets.port);
  tools.clock.advance(1_050);
  t.match(await late.outcome, { code: 'ETIMEDOUT' });
  const stopped = start(tools, sockets.port);
  const why = new Error('why');
  stopped.opening.stop(why);
  t.equal(await stopped.outcome, why);
  const { legs } = watchOpenings(t);
  const closed = start(tools, sockets.port);
  legs[0]?.destroy();
  t.match(await closed.outcome, { message: 'Closed' });
  t.same(tools.ledger.closed, tools.ledger.opened);
  t.equal(tools.wheel.size, 0);
});

for (const [code, status] of [
  ['EMFILE', -24],
  ['ENFILE', -23],
] as const) {
  t.test(`Opening takes idle connections where there is no file descriptor: ${code}`, async (t) => {
    await using sockets = await Sockets.open();
    const tools = dialTools();
    const idle = [new Kept(), new Kept()];
    for (const socket of idle) tools.idle.add(socket);
    exhaust(t, 1, status);
    const leg = (await start(tools, sockets.port).outcome) as TcpLeg;
    t.equal(leg.remote?.port, sockets.port);
    t.ok(idle.every(({ destroyed }) => destroyed));
    leg.destroy();
  });

  t.test(`Opening gives up where there are none: ${code}`, async (t) => {
    await using sockets = await Sockets.open();
    const tools = dialTools();
    const seen = exhaust(t, 1, status);
    t.match(await start(tools, sockets.port).outcome, { code });
    t.equal(seen.made, 1);
  });

  t.test(`Opening gives up where that helps nothing: ${code}`, async (t) => {
    await using sockets = await Sockets.open();
    const tools = dialTools();
    tools.idle.add(new Kept());
    const seen = exhaust(t, 2, status);
    t.match(await start(tools, sockets.port).outcome, { code });
    t.equal(seen.made, 2, 'once');
    t.equal(tools.wheel.size, 0);
  });
}

t.test('Opening that is stopped while it gives up does not try again', async (t) => {
  await using sockets = await Sockets.open();
  const tools = dialTools();
  tools.idle.add(new Kept());
  const seen = exhaust(t, 1, -24);
  const { opening, outcome } = start(tools, sockets.port);
  const why = new Error('why');
  opening.stop(why);
  t.equal(await outcome, why);
  t.equal(seen.made, 1);
  t.same(tools.ledger.closed, tools.ledger.opened);
});

t.test('Opening says once that it is slow, where that is asked for, and goes on to its end', async (t) => {
  await using sockets = await Sockets.open();
  const tools = dialTools();
  const told: string[] = [];
  const { promise, resolve } = Promise.withResolvers<NodeJS.ErrnoException>();
  const target = { address: '127.0.0.1', port: sockets.port, timeoutMs: 1_000, slowAfterMs: 250 };
  const opening: Opening = new Opening(tools, target, {
    onOpened: () => told.push('opened'),
    onSlow: (one) => told.push(one === opening ? 'slow' : 'another'),
    onFailed: (error, one) => {
      told.push(one === opening ? 'failed' : 'another');
      resolve(error);
    },
  });
  // In the same turn of the event loop no answer can have come.
  tools.clock.advance(249);
  t.same(told, []);
  tools.clock.advance(51);
  t.same(told, ['slow']);
  tools.clock.advance(650);
  t.same(told, ['slow']);
  tools.clock.advance(150);
  t.match(await promise, { code: 'ETIMEDOUT' });
  t.same(told, ['slow', 'failed']);
  t.equal(tools.wheel.size, 0);
});

t.test('Opening that is slow has nobody to tell where its observer does not listen for that', async (t) => {
  await using sockets = await Sockets.open();
  const tools = dialTools();
  const { promise, resolve } = Promise.withResolvers<TcpLeg | NodeJS.ErrnoException>();
  const target = { address: '127.0.0.1', port: sockets.port, timeoutMs: 1_000, slowAfterMs: 250 };
  new Opening(tools, target, { onOpened: (leg) => resolve(leg as TcpLeg), onFailed: resolve });
  tools.clock.advance(300);
  const leg = (await promise) as TcpLeg;
  t.equal(leg.remote?.port, sockets.port);
  t.equal(tools.wheel.size, 0);
  leg.destroy();
});

t.test('Opening gives a leg over TLS when the handshake is done, and nothing where it fails', async (t) => {
  const issuer = await Issuer.open();
  t.teardown(() => issuer[Symbol.asyncDispose]());
  const { cert, key } = await issuer.issue('peer.test');
  const server = tls.createServer({ cert, key }).listen(0, '127.0.0.1');
  server.on('tlsClientError', () => {});
  t.teardown(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const tools = dialTools();
  for (const serverName of ['peer.test', 'other.test']) {
    const client = new TlsClient({ ca: issuer.ca, own: undefined, serverName });
    const { promise, resolve } = Promise.withResolvers<TlsLeg | NodeJS.ErrnoException>();
    const target: DialTarget = { address: '127.0.0.1', port, timeoutMs: 1_000, tls: client };
    new Opening(tools, target, { onOpened: (leg) => resolve(leg as TlsLeg), onFailed: resolve });
    const found = await promise;
    if (found instanceof TlsLeg) found.destroy();
    else t.equal(found.code, 'ERR_TLS_CERT_ALTNAME_INVALID');
    t.equal(found instanceof TlsLeg, serverName === 'peer.test');
    t.equal(tools.wheel.size, 0, 'its deadline is cleared');
    await until(() => tools.ledger.open('upstream') === 0);
  }
});

t.test('Opening tries again without a ticket where the peer refuses who comes with one', async (t) => {
  const issuer = await Issuer.open();
  t.teardown(() => issuer[Symbol.asyncDispose]());
  const { cert, key } = await issuer.issue('peer.test');
  // It asks for certificates, and has no context to take sessions up again in.
  const secureContext = tls.createSecureContext({ cert, key, ca: issuer.ca });
  const server = net.createServer((raw) => {
    const options = { isServer: true, secureContext, requestCert: true, rejectUnauthorized: false };
    const socket = new tls.TLSSocket(raw, options);
    socket.on('error', () => {});
    socket.end('hello');
  });
  t.teardown(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const client = new TlsClient({ ca: issuer.ca, own: undefined, serverName: 'peer.test' });
  const tools = dialTools();
  for (const opened of [1, 3]) {
    const { promise, resolve, reject } = Promise.withResolvers<UpstreamLeg>();
    const target: DialTarget = { address: '127.0.0.1', port, timeoutMs: 1_000, tls: client };
    new Opening(tools, target, { onOpened: resolve, onFailed: reject });
    const leg = await promise;
    leg.attach({ onChunk: () => true, onEnd: () => leg.destroy(), onClose: () => {} });
    leg.resume();
    await until(() => tools.ledger.open('upstream') === 0);
    t.equal(tools.ledger.opened.upstream, opened);
  }
});
