import tap, { type Test } from 'tap';
import { ProxyError } from '#errors.ts';
import { Abort } from '#net/abort.ts';
import type { ExchangeRequest } from '#net/exchange.ts';
import type { HttpPool } from '#net/pool.ts';
import { KeptAnswer, type Scripted, scriptedOrigin } from '../../fixtures/exchange.ts';
import { httpOrigin } from '../../fixtures/origin.ts';
import { answering, type Client, OWN, openPool, UNDICI } from '../../fixtures/pool.ts';
import { closedPort, faultOf, until } from '../../fixtures/sockets.ts';

/** A test of what is true of either client. */
function testBoth(title: string, test: (t: Test, client: Client) => Promise<unknown>): void {
  tap.test(`${title} (our own)`, (t) => test(t, OWN));
  tap.test(`${title} (undici)`, (t) => test(t, UNDICI));
}

testBoth('exchange() keeps the connection for the next request', async (t, { ask }) => {
  await using origin = await httpOrigin((_request, response) => response.end('ok'));
  const { pool, tools } = openPool(t);
  for (let i = 0; i < 3; i += 1) {
    const answer = new KeptAnswer();
    await pool.exchange(ask(origin.port), answer, new Abort());
    t.equal(answer.body, 'ok');
    // A connection is free again only in the next turn of the event loop.
    await new Promise(setImmediate);
  }
  t.equal(tools.ledger.opened.upstream, 1);
  t.equal(tools.idle.size, 1);
});

testBoth('exchange() reaches IPv6 addresses', async (t, { ask }) => {
  const { pool } = openPool(t);
  const port = await closedPort();
  const request = ask(port, { address: '::1' });
  await t.rejects(pool.exchange(request, new KeptAnswer(), new Abort()), {
    reason: 'connection_refused',
    message: /::1/,
  });
});

testBoth('exchange() does not begin after an abort', async (t, { ask }) => {
  const { pool, tools } = openPool(t);
  const abort = new Abort();
  const gone = new ProxyError('client_gone');
  abort.abort(gone);
  t.equal(await faultOf(pool.exchange(ask(9), new KeptAnswer(), abort)), gone);
  t.equal(tools.ledger.opened.upstream, 0);
});

testBoth('destroy() breaks off what is under way, and refuses what comes after', async (t, { ask }) => {
  await using origin = await scriptedOrigin(async () => {});
  const { pool } = openPool(t);
  const answer = new KeptAnswer();
  const done = faultOf(pool.exchange(ask(origin.port), answer, new Abort()));
  await answer.heard('sent');
  await pool.destroy();
  t.match(await done, { reason: 'draining', phase: 'sent' });
  const late = await faultOf(pool.exchange(ask(origin.port), new KeptAnswer(), new Abort()));
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
async function numberOf(pool: HttpPool, request: ExchangeRequest): Promise<string> {
  const answer = new KeptAnswer();
  await pool.exchange(request, answer, new Abort());
  return answer.headers[1] as string;
}

testBoth(
  'exchange() takes the kept connection that was used last, and a new one where it has to',
  async (t, { ask }) => {
    await using origin = await scriptedOrigin(numbering());
    const { pool, tools } = openPool(t);
    const { port } = origin;
    const first = [numberOf(pool, ask(port, { target: '/1' })), numberOf(pool, ask(port, { target: '/1' }))];
    t.same(await Promise.all(first), ['1', '2']);
    await until(() => tools.idle.size === 2);
    t.equal(await numberOf(pool, ask(port, { target: '/2' })), '2');
    await until(() => tools.idle.size === 2);
    t.equal(await numberOf(pool, ask(port, { target: '/1', isFresh: true })), '3');
    await until(() => tools.idle.size === 3);
    t.equal(tools.ledger.opened.upstream, 3);
  },
);

testBoth('exchange() passes over kept connections that were closed to make room', async (t, { ask }) => {
  await using origin = await scriptedOrigin(numbering());
  const { pool, tools } = openPool(t);
  const { port } = origin;
  await Promise.all([
    numberOf(pool, ask(port, { target: '/1' })),
    numberOf(pool, ask(port, { target: '/1' })),
  ]);
  await until(() => tools.idle.size === 2);
  tools.idle.closeAll();
  t.equal(await numberOf(pool, ask(port, { target: '/1' })), '3', 'in the same turn of the event loop');
  await until(() => tools.ledger.open('upstream') === 1);
});

testBoth('exchange() does not take a connection that the next hop has closed', async (t, { ask }) => {
  const kept = Promise.withResolvers<Scripted>();
  await using origin = await scriptedOrigin(async (connection) => {
    await answering('HTTP/1.1 204 No Content\r\n\r\n')(connection);
    kept.resolve(connection);
  });
  const { pool, tools } = openPool(t);
  for (let round = 1; round <= 2; round += 1) {
    await pool.exchange(ask(origin.port), new KeptAnswer(), new Abort());
    await until(() => tools.idle.size === 1);
    if (round === 1) (await kept.promise).end();
    if (round === 1) await until(() => tools.ledger.open('upstream') === 0);
    t.equal(tools.ledger.opened.upstream, round);
  }
});

tap.test('exchange() keeps the connections of the one client from the other', async (t) => {
  await using origin = await scriptedOrigin(numbering());
  const { pool, tools } = openPool(t);
  for (const target of ['/1', '/2']) {
    t.equal(await numberOf(pool, OWN.ask(origin.port, { target })), '1');
    t.equal(await numberOf(pool, UNDICI.ask(origin.port, { target })), '2');
    await until(() => tools.idle.size === 2);
  }
  await pool.destroy();
  await until(() => tools.ledger.open('upstream') === 0);
  t.equal(tools.idle.size, 0);
});
