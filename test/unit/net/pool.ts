import t from 'tap';
import { ProxyError } from '#errors.ts';
import { Abort } from '#net/abort.ts';
import type { ExchangeRequest } from '#net/exchange.ts';
import type { HttpPool } from '#net/pool.ts';
import { exchangeRequest, KeptAnswer, type Scripted, scriptedOrigin } from '../../fixtures/exchange.ts';
import { httpOrigin } from '../../fixtures/origin.ts';
import { answering, openPool } from '../../fixtures/pool.ts';
import { closedPort, faultOf, until } from '../../fixtures/sockets.ts';

t.test('exchange() keeps the connection for the next request', async (t) => {
  await using origin = await httpOrigin((_request, response) => response.end('ok'));
  const { pool, tools } = openPool(t);
  for (let i = 0; i < 3; i += 1) {
    const answer = new KeptAnswer();
    await pool.exchange(exchangeRequest(origin.port), answer, new Abort());
    t.equal(answer.body, 'ok');
    // A connection is free again only in the next turn of the event loop.
    await new Promise(setImmediate);
  }
  t.equal(tools.ledger.opened.upstream, 1);
  t.equal(tools.idle.size, 1);
});

t.test('exchange() reaches IPv6 addresses', async (t) => {
  const { pool } = openPool(t);
  const port = await closedPort();
  const request = exchangeRequest(port, { address: '::1' });
  await t.rejects(pool.exchange(request, new KeptAnswer(), new Abort()), {
    reason: 'connection_refused',
    message: /::1/,
  });
});

t.test('exchange() does not begin after an abort', async (t) => {
  const { pool, tools } = openPool(t);
  const abort = new Abort();
  const gone = new ProxyError('client_gone');
  abort.abort(gone);
  t.equal(await faultOf(pool.exchange(exchangeRequest(9), new KeptAnswer(), abort)), gone);
  t.equal(tools.ledger.opened.upstream, 0);
});

t.test('destroy() breaks off what is under way, and refuses what comes after', async (t) => {
  await using origin = await scriptedOrigin(async () => {});
  const { pool } = openPool(t);
  const answer = new KeptAnswer();
  const done = faultOf(pool.exchange(exchangeRequest(origin.port), answer, new Abort()));
  await answer.heard('sent');
  await pool.destroy();
  t.match(await done, { reason: 'draining', phase: 'sent' });
  const late = await faultOf(pool.exchange(exchangeRequest(origin.port), new KeptAnswer(), new Abort()));
  t.match(late, { reason: 'draining', phase: 'connecting' });
});

/** Answers every request on a connection with its number. */
function numbering(): (connection: Scripted) => Promise<void> {
  let count = 0;
  return async (connection) => {
    count += 1;
    const answer = `HTTP/1.1 200 OK\r\nX-Connection: ${count}\r\nContent-Length: 0\r\n\r\n`;
    for (let request = 1; ; request += 1) {
      await connection.until(`/${request}`);
      connection.send(answer);
    }
  };
}

/** Starts an exchange; resolves to the number of its connection. */
async function numberOf(pool: HttpPool, port: number, parts: Partial<ExchangeRequest>): Promise<string> {
  const answer = new KeptAnswer();
  await pool.exchange(exchangeRequest(port, parts), answer, new Abort());
  return answer.headers[1] as string;
}

t.test(
  'exchange() takes the kept connection that was used last, and a new one where it has to',
  async (t) => {
    await using origin = await scriptedOrigin(numbering());
    const { pool, tools } = openPool(t);
    const { port } = origin;
    const first = [numberOf(pool, port, { target: '/1' }), numberOf(pool, port, { target: '/1' })];
    t.same(await Promise.all(first), ['1', '2']);
    await until(() => tools.idle.size === 2);
    t.equal(await numberOf(pool, port, { target: '/2' }), '2');
    await until(() => tools.idle.size === 2);
    t.equal(await numberOf(pool, port, { target: '/1', isFresh: true }), '3');
    await until(() => tools.idle.size === 3);
    t.equal(tools.ledger.opened.upstream, 3);
  },
);

t.test('exchange() passes over kept connections that were closed to make room', async (t) => {
  await using origin = await scriptedOrigin(numbering());
  const { pool, tools } = openPool(t);
  const { port } = origin;
  await Promise.all([numberOf(pool, port, { target: '/1' }), numberOf(pool, port, { target: '/1' })]);
  await until(() => tools.idle.size === 2);
  tools.idle.closeAll();
  t.equal(await numberOf(pool, port, { target: '/1' }), '3', 'in the same turn of the event loop');
  await until(() => tools.ledger.open('upstream') === 1);
});

t.test('exchange() does not take a connection that the next hop has closed', async (t) => {
  const kept = Promise.withResolvers<Scripted>();
  await using origin = await scriptedOrigin(async (connection) => {
    await answering('HTTP/1.1 204 No Content\r\n\r\n')(connection);
    kept.resolve(connection);
  });
  const { pool, tools } = openPool(t);
  for (let round = 1; round <= 2; round += 1) {
    await pool.exchange(exchangeRequest(origin.port), new KeptAnswer(), new Abort());
    await until(() => tools.idle.size === 1);
    if (round === 1) (await kept.promise).end();
    if (round === 1) await until(() => tools.ledger.open('upstream') === 0);
    t.equal(tools.ledger.opened.upstream, round);
  }
});
