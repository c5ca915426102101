import t from 'tap';
import { ProxyError } from '#errors.ts';
import { Abort } from '#net/abort.ts';
import {
  exchangeRequest,
  HEAD_END,
  KeptAnswer,
  type Scripted,
  scriptedOrigin,
} from '../../fixtures/exchange.ts';
import { answering, openPool } from '../../fixtures/pool.ts';
import { closedPort, faultOf, until, watchOpenings } from '../../fixtures/sockets.ts';

t.test('exchange() says that nothing was sent where the next hop cannot be reached', async (t) => {
  const { pool, tools } = openPool(t);
  const request = exchangeRequest(await closedPort());
  const answer = new KeptAnswer();
  const fault = await faultOf(pool.exchange(request, answer, new Abort()));
  t.match(fault, { reason: 'connection_refused', phase: 'connecting', cause: { code: 'ECONNREFUSED' } });
  t.same(answer.calls, []);
  t.equal(tools.wheel.size, 0);
});

t.test('exchange() says that nothing was sent where the next hop does not answer the dial', async (t) => {
  await using origin = await scriptedOrigin(async () => {});
  const { pool, tools } = openPool(t);
  const request = exchangeRequest(origin.port, { connectTimeoutMs: 1_000 });
  const done = faultOf(pool.exchange(request, new KeptAnswer(), new Abort()));
  // In the same turn of the event loop no answer can have come.
  tools.clock.advance(1_050);
  t.match(await done, { reason: 'connection_timeout', phase: 'connecting' });
});

t.test('exchange() ends at an abort while it is still connecting, and sends nothing', async (t) => {
  await using origin = await scriptedOrigin(async () => {});
  const { pool, tools } = openPool(t);
  const abort = new Abort();
  const gone = new ProxyError('client_gone');
  const answer = new KeptAnswer();
  const { legs } = watchOpenings(t);
  const done = faultOf(pool.exchange(exchangeRequest(origin.port), answer, abort));
  abort.abort(gone);
  t.equal(await done, gone);
  t.ok(legs[0]?.destroyed, 'without waiting for the dial');
  await until(() => tools.ledger.opened.upstream === 1 && tools.ledger.open('upstream') === 0);
  t.same(answer.calls, []);
});

t.test('exchange() tells what undici refuses from faults of the next hop', async (t) => {
  const { pool, tools } = openPool(t);
  const request = exchangeRequest(9, { headers: ['Host', 'a', 'Expect', '100-continue'] });
  const fault = await faultOf(pool.exchange(request, new KeptAnswer(), new Abort()));
  t.match(fault, { reason: 'request_malformed', phase: 'connecting' });
  t.equal(tools.ledger.opened.upstream, 0);
});

t.test(
  'exchange() waits on a kept connection, and gets another where that closes before it is written',
  async (t) => {
    const kept = Promise.withResolvers<Scripted>();
    await using origin = await scriptedOrigin(async (connection) => {
      await answering('HTTP/1.1 204 No Content\r\n\r\n')(connection);
      kept.resolve(connection);
    }, answering('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfresh'));
    const { pool, tools } = openPool(t);
    const { sockets } = watchOpenings(t);
    await pool.exchange(exchangeRequest(origin.port), new KeptAnswer(), new Abort());
    await until(() => tools.idle.size === 1);
    const answer = new KeptAnswer();
    const done = pool.exchange(exchangeRequest(origin.port, { method: 'POST' }), answer, new Abort());
    sockets[0]?.destroy();
    await done;
    t.equal(answer.body, 'fresh');
    t.same(answer.calls, ['sent', 'head', 'chunk', 'end'], 'sent once');
  },
);

t.test('exchange() counts the connection as idle between exchanges, and never else', async (t) => {
  await using origin = await scriptedOrigin(
    answering('HTTP/1.1 204 No Content\r\n\r\n'),
    answering('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'),
  );
  const { pool, tools } = openPool(t);
  const [abort, answer] = [new Abort(), new KeptAnswer()];
  await pool.exchange(exchangeRequest(origin.port), new KeptAnswer(), new Abort());
  await until(() => tools.idle.size === 1);
  const pending = faultOf(pool.exchange(exchangeRequest(origin.port), answer, abort));
  t.equal(tools.idle.size, 0);
  await answer.heard('sent');
  abort.abort(new ProxyError('client_gone'));
  await pending;
  await pool.exchange(exchangeRequest(origin.port), new KeptAnswer(), new Abort());
  await until(() => tools.ledger.open('upstream') === 0);
  t.equal(tools.idle.size, 0, 'neither what was broken off nor what was to close');
});

t.test('destroy() stops what is still connecting', async (t) => {
  await using origin = await scriptedOrigin(async () => {});
  const { pool, tools } = openPool(t);
  const { legs } = watchOpenings(t);
  const done = faultOf(pool.exchange(exchangeRequest(origin.port), new KeptAnswer(), new Abort()));
  t.notOk(legs[0]?.destroyed);
  await pool.destroy();
  t.match(await done, { reason: 'draining', phase: 'connecting' });
  t.ok(legs[0]?.destroyed);
  await until(() => tools.wheel.size === 0);
});

t.test(
  'exchange() tells a next hop that ended within its head from one that undici broke off with',
  async (t) => {
    await using origin = await scriptedOrigin(async (connection) => {
      await connection.until(HEAD_END);
      connection.end('HTTP/1.1 200 OK\r\nX: ');
    }, answering('HTTP/1.1 100 Continue\r\n\r\n'));
    const { pool } = openPool(t);
    for (const reason of ['connection_terminated', 'response_malformed']) {
      const fault = await faultOf(pool.exchange(exchangeRequest(origin.port), new KeptAnswer(), new Abort()));
      t.match(fault, { reason, phase: 'sent' });
    }
  },
);

t.test(
  'exchange() does not take a reset for the end of a body that runs until the connection closes',
  async (t) => {
    const answer = new KeptAnswer();
    await using origin = await scriptedOrigin(async (connection) => {
      await connection.until(HEAD_END);
      connection.send('HTTP/1.1 200 OK\r\n\r\nsome of it');
      await answer.heard('chunk');
      connection.reset();
    });
    const { pool } = openPool(t);
    const fault = await faultOf(pool.exchange(exchangeRequest(origin.port), answer, new Abort()));
    t.match(fault, { reason: 'response_incomplete', phase: 'answering' });
  },
);
