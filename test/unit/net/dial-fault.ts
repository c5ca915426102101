import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import t from 'tap';
import { ProxyError, type Reason } from '#errors.ts';
import { dialFault, reasonOfBreak, reasonOfSocketError } from '#net/dial-fault.ts';
import { type DialTarget, type DialTools, Opening, type UpstreamLeg } from '#net/opening.ts';
import { HostAddresses } from '#net/own-addresses.ts';
import { Interfaces } from '../../fixtures/interfaces.ts';
import { closedPort, dialTools, Sockets, until, watchOpenings } from '../../fixtures/sockets.ts';

const HERE = '127.0.0.1';

/** Opens a connection, and tells what its failure means. */
function dial(tools: DialTools, target: DialTarget): Promise<UpstreamLeg> {
  return new Promise((resolve, reject) => {
    const onFailed = (error: NodeJS.ErrnoException): void => reject(dialFault(target, error));
    new Opening(tools, target, { onOpened: resolve, onFailed });
  });
}

t.test('reasonOfSocketError() tells IPv6 that is off only where that is known', async (t) => {
  const interfaces = new Interfaces();
  const own = new HostAddresses(interfaces.read);
  const error = Object.assign(new Error(), { code: 'EADDRNOTAVAIL', address: '2001:db8::1' });
  t.equal(reasonOfSocketError(error, own), 'ports_exhausted');
  interfaces.now = { lo: [{ address: '127.0.0.1' }] };
  t.equal(reasonOfSocketError(error, own), 'destination_unroutable');
  interfaces.now = undefined;
  t.equal(reasonOfSocketError(error, own), 'destination_unroutable', 'as it was seen last');
});

const REASON_OF_CODE: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_terminated',
  ECONNABORTED: 'connection_terminated',
  EPIPE: 'connection_terminated',
  ETIMEDOUT: 'connection_timeout',
  EHOSTUNREACH: 'destination_unroutable',
  EHOSTDOWN: 'destination_unroutable',
  ENETUNREACH: 'destination_unroutable',
  ENETDOWN: 'destination_unroutable',
  EAFNOSUPPORT: 'destination_unroutable',
  EACCES: 'destination_unroutable',
  EPERM: 'destination_unroutable',
  EADDRNOTAVAIL: 'ports_exhausted',
  EADDRINUSE: 'ports_exhausted',
  EMFILE: 'saturated',
  ENFILE: 'saturated',
  ENOBUFS: 'saturated',
  EBADF: 'internal_error',
};

for (const [code, reason] of Object.entries(REASON_OF_CODE)) {
  t.test(`reasonOfSocketError() reads ${code} as ${reason}`, async (t) => {
    t.equal(reasonOfSocketError(Object.assign(new Error('connect'), { code })), reason);
  });
}

t.test('faults of TLS are told as what they are, when a connection is made and when it breaks', async (t) => {
  const rows = {
    CERT_HAS_EXPIRED: ['tls_certificate_error', 'certificate has expired'],
    ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: [
      'tls_alert_received',
      'the other side wants a certificate, and was shown none',
    ],
    ERR_SSL_WRONG_VERSION_NUMBER: ['tls_protocol_error', 'the other side speaks no TLS'],
  } as const;
  for (const [code, [reason, words]] of Object.entries(rows)) {
    const error = Object.assign(new Error('why\n'), { code });
    t.equal(reasonOfSocketError(error), reason);
    t.equal(reasonOfBreak(error), reason);
    const fault = dialFault({ address: HERE, port: 9, timeoutMs: 1 }, error);
    t.match(fault, { reason, message: `Cannot connect to 127.0.0.1 port 9: ${words} (${code})` });
  }
  t.equal(reasonOfBreak(Object.assign(new Error('reset'), { code: 'ECONNRESET' })), undefined);
  t.equal(reasonOfBreak(new Error('none')), undefined);
  t.equal(reasonOfBreak(undefined), undefined);
});

t.test('reasonOfSocketError() takes what has no code for a fault of ours', async (t) => {
  for (const thrown of [undefined, null, new Error('ECONNREFUSED'), { code: 111 }]) {
    t.equal(reasonOfSocketError(thrown), 'internal_error');
  }
});

t.test('an opening gives a leg that is connected and in nobody’s charge', async (t) => {
  await using sockets = await Sockets.open();
  const tools = dialTools();
  const leg = await dial(tools, { address: HERE, port: sockets.port, timeoutMs: 1_000 });
  t.equal(leg.remote?.port, sockets.port);
  t.equal(tools.ledger.open('upstream'), 1);
  t.equal(tools.wheel.size, 0, 'its deadline is cleared');
  tools.clock.advance(60_000);
  t.notOk(leg.destroyed);
  t.equal(leg.takeHeld(), undefined);
  leg.end();
  leg.reset();
  await until(() => tools.ledger.open('upstream') === 0);
});

t.test('an opening reaches IPv6 addresses, and loses nothing of a server that speaks first', async (t) => {
  const server = net.createServer((socket) => socket.end('banner'));
  await once(server.listen(0, '::1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const leg = await dial(dialTools(), { address: '::1', port, timeoutMs: 1_000 });
  leg.resume();
  await until(() => leg.bytesRead > 0);
  t.equal(leg.takeHeld()?.toString(), 'banner');
  leg.resume();
  await until(() => leg.ended);
  leg.destroy();
  await new Promise((resolve) => server.close(resolve));
});

t.test('an opening says so when nobody listens', async (t) => {
  const tools = dialTools();
  const port = await closedPort();
  await t.rejects(dial(tools, { address: HERE, port, timeoutMs: 1_000 }), {
    reason: 'connection_refused',
    message: `Cannot connect to 127.0.0.1 port ${port}: ECONNREFUSED`,
    cause: { code: 'ECONNREFUSED' },
  });
  t.equal(tools.wheel.size, 0);
  t.same(tools.ledger.closed, tools.ledger.opened);
});

t.test('an opening gives up when its time is over', async (t) => {
  await using sockets = await Sockets.open();
  const tools = dialTools();
  const dialled = dial(tools, { address: HERE, port: sockets.port, timeoutMs: 1_000 });
  // In the same turn of the event loop no answer can have come.
  tools.clock.advance(999);
  t.equal(tools.wheel.size, 1);
  tools.clock.advance(51);
  await t.rejects(dialled, {
    reason: 'connection_timeout',
    message: `Cannot connect to 127.0.0.1 port ${sockets.port}: no answer`,
  });
  await until(() => tools.ledger.open('upstream') === 0);
  t.equal(tools.ledger.opened.upstream, 1);
  t.equal(tools.wheel.size, 0);
});

t.test('dialFault() leaves what says its reason as it is', async (t) => {
  const gone = new ProxyError('client_gone');
  t.equal(dialFault({ address: HERE, port: 9, timeoutMs: 1 }, gone), gone);
});

t.test('an opening takes a connection that is closed from outside for a fault of ours', async (t) => {
  await using sockets = await Sockets.open();
  const tools = dialTools();
  const { legs } = watchOpenings(t);
  const dialled = dial(tools, { address: HERE, port: sockets.port, timeoutMs: 1_000 });
  legs[0]?.destroy();
  await t.rejects(dialled, { reason: 'internal_error', message: /: closed$/ });
});

t.test('reasonOfSocketError() tells an address that is not ours from ports that have run out', async (t) => {
  const error = (parts: object): object => Object.assign(new Error(), { code: 'EADDRNOTAVAIL', ...parts });
  t.equal(reasonOfSocketError(error({ syscall: 'bind' })), 'source_unavailable');
  t.equal(reasonOfSocketError(error({ syscall: 'connect', address: '192.0.2.1' })), 'ports_exhausted');
  const toIpv6 = error({ syscall: 'connect', address: '2001:db8::1' });
  const [both, ipv4] = [new Interfaces('127.0.0.1', '::1'), new Interfaces('127.0.0.1')];
  t.equal(reasonOfSocketError(toIpv6, new HostAddresses(both.read)), 'ports_exhausted');
  t.equal(
    reasonOfSocketError(toIpv6, new HostAddresses(ipv4.read)),
    'destination_unroutable',
    'this host has no IPv6',
  );
});

t.test('dialFault() names the address that the connection was to begin at', async (t) => {
  const target = { address: HERE, port: 9, source: '192.0.2.9', timeoutMs: 1_000 };
  const error = Object.assign(new Error(), { code: 'EADDRNOTAVAIL', syscall: 'bind' });
  t.match(dialFault(target, error), {
    reason: 'source_unavailable',
    message: 'Cannot connect from 192.0.2.9 to 127.0.0.1 port 9: EADDRNOTAVAIL',
  });
});
