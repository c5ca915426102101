import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import t from 'tap';
import { ProxyError, type Reason } from '#errors.ts';
import { Abort } from '#net/abort.ts';
import { dial, reasonOfSocketError } from '#net/dial.ts';
import { closedPort, dialTools, Sockets, until, watchOpenings } from '../../fixtures/sockets.ts';

const HERE = '127.0.0.1';

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
  EADDRNOTAVAIL: 'saturated',
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

t.test('reasonOfSocketError() takes what has no code for a fault of ours', async (t) => {
  for (const thrown of [undefined, null, new Error('ECONNREFUSED'), { code: 111 }]) {
    t.equal(reasonOfSocketError(thrown), 'internal_error');
  }
});

t.test('dial() gives a leg that is connected and in nobody’s charge', async (t) => {
  await using sockets = await Sockets.open();
  const tools = dialTools();
  const leg = await dial(tools, { address: HERE, port: sockets.port, timeoutMs: 1_000 }, new Abort());
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

t.test('dial() reaches IPv6 addresses, and loses nothing of a server that speaks first', async (t) => {
  const server = net.createServer((socket) => socket.end('banner'));
  await once(server.listen(0, '::1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const leg = await dial(dialTools(), { address: '::1', port, timeoutMs: 1_000 }, new Abort());
  leg.resume();
  await until(() => leg.bytesRead > 0);
  t.equal(leg.takeHeld()?.toString(), 'banner');
  leg.resume();
  await until(() => leg.ended);
  leg.destroy();
  await new Promise((resolve) => server.close(resolve));
});

t.test('dial() says so when nobody listens', async (t) => {
  const tools = dialTools();
  const port = await closedPort();
  await t.rejects(dial(tools, { address: HERE, port, timeoutMs: 1_000 }, new Abort()), {
    reason: 'connection_refused',
    message: `Cannot connect to 127.0.0.1 port ${port}: ECONNREFUSED`,
    cause: { code: 'ECONNREFUSED' },
  });
  t.equal(tools.wheel.size, 0);
  t.same(tools.ledger.closed, tools.ledger.opened);
});

t.test('dial() gives up when its time is over', async (t) => {
  await using sockets = await Sockets.open();
  const tools = dialTools();
  const dialled = dial(tools, { address: HERE, port: sockets.port, timeoutMs: 1_000 }, new Abort());
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

t.test('dial() does not begin after an abort', async (t) => {
  const tools = dialTools();
  const abort = new Abort();
  const gone = new ProxyError('client_gone');
  abort.abort(gone);
  await t.rejects(dial(tools, { address: HERE, port: 9, timeoutMs: 1_000 }, abort), gone);
  t.equal(tools.ledger.opened.upstream, 0);
});

t.test('dial() stops at an abort, and closes what it had opened', async (t) => {
  await using sockets = await Sockets.open();
  const tools = dialTools();
  const abort = new Abort();
  const gone = new ProxyError('client_gone');
  const dialled = dial(tools, { address: HERE, port: sockets.port, timeoutMs: 1_000 }, abort);
  abort.abort(gone);
  await t.rejects(dialled, gone);
  await until(() => tools.ledger.open('upstream') === 0);
  t.equal(tools.ledger.opened.upstream, 1);
  t.equal(tools.wheel.size, 0);
});

t.test('dial() listens to the abort no more once it is done', async (t) => {
  await using sockets = await Sockets.open();
  const abort = new Abort();
  const leg = await dial(dialTools(), { address: HERE, port: sockets.port, timeoutMs: 1_000 }, abort);
  abort.abort(new ProxyError('client_gone'));
  t.notOk(leg.destroyed, 'the leg is its new owner’s');
  leg.destroy();
});

t.test('dial() takes a connection that is closed from outside for a fault of ours', async (t) => {
  await using sockets = await Sockets.open();
  const tools = dialTools();
  const { legs } = watchOpenings(t);
  const dialled = dial(tools, { address: HERE, port: sockets.port, timeoutMs: 1_000 }, new Abort());
  legs[0]?.destroy();
  await t.rejects(dialled, { reason: 'internal_error', message: /: closed$/ });
});
