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
import { testExchanges } from '../../fixtures/exchange-scenarios.ts';
import { answering, OWN, openPool } from '../../fixtures/pool.ts';
import { closedPort, faultOf, turns, until } from '../../fixtures/sockets.ts';

testExchanges(OWN);

t.test('exchange() sends head and body in one piece', async (t) => {
  let received = '';
  await using origin = await scriptedOrigin(async (connection) => {
    await connection.until(HEAD_END);
    received = connection.received();
    connection.send('HTTP/1.1 204 No Content\r\n\r\n');
  });
  const { pool } = openPool(t);
  const wholeBody = Buffer.from('\xfcber\0', 'latin1');
  const request = exchangeRequest(origin.port, { method: 'POST', wholeBody });
  await pool.exchange(request, new KeptAnswer(), new Abort());
  t.match(received, /^POST \/ HTTP\/1\.1\r\n[\s\S]*\r\ncontent-length: 5\r\n\r\n\xfcber\0$/);
});

t.test('exchange() does not begin with what would be more than one request', async (t) => {
  const { pool, tools } = openPool(t);
  const request = exchangeRequest(9, { target: '/ HTTP/1.1\r\n\r\nGET /' });
  const fault = await faultOf(pool.exchange(request, new KeptAnswer(), new Abort()));
  t.match(fault, { reason: 'request_malformed', phase: 'connecting' });
  t.equal(tools.ledger.opened.upstream, 0);
});

t.test('exchange() that cannot be sent fails as what was never seen', async (t) => {
  const { pool } = openPool(t);
  const fault = await faultOf(
    pool.exchange(exchangeRequest(await closedPort()), new KeptAnswer(), new Abort()),
  );
  t.match(fault, { reason: 'connection_refused', phase: 'connecting' });
});

t.test('exchange() relays a 100 that was not asked for, on a kept connection too', async (t) => {
  await using origin = await scriptedOrigin(async (connection) => {
    for (const path of ['/1', '/2']) {
      await connection.until(path);
      connection.send('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    }
  });
  const { pool, tools } = openPool(t);
  for (const target of ['/1', '/2']) {
    const answer = new KeptAnswer();
    await pool.exchange(exchangeRequest(origin.port, { target }), answer, new Abort());
    t.same(answer.information, [{ status: 100, headers: [] }]);
    t.equal(answer.body, 'ok');
    await until(() => tools.idle.size === 1);
  }
  t.equal(tools.ledger.opened.upstream, 1);
});

t.test('exchange() takes a 101 for nonsense', async (t) => {
  const text = 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';
  await using origin = await scriptedOrigin(answering(text));
  const { pool } = openPool(t);
  const fault = await faultOf(pool.exchange(exchangeRequest(origin.port), new KeptAnswer(), new Abort()));
  t.match(fault, { reason: 'response_malformed', phase: 'sent', message: /not asked for/ });
});

t.test('exchange() breaks off where the sink throws at the end that is a FIN', async (t) => {
  await using origin = await scriptedOrigin(async (connection) => {
    await connection.until(HEAD_END);
    connection.end('HTTP/1.1 200 OK\r\n\r\nall of it');
  });
  const { pool } = openPool(t);
  const [answer, thrown] = [new KeptAnswer(), new ProxyError('response_malformed')];
  answer.onCall = (name) => {
    if (name === 'end') throw thrown;
  };
  t.equal(await faultOf(pool.exchange(exchangeRequest(origin.port), answer, new Abort())), thrown);
});

for (const call of ['sent', 'information', 'head', 'chunk', 'end']) {
  t.test(`exchange() ends at an abort by the sink itself, and tells no more (${call})`, async (t) => {
    await using origin = await scriptedOrigin(
      answering('HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    );
    const { pool, tools } = openPool(t);
    const [abort, answer, gone] = [new Abort(), new KeptAnswer(), new ProxyError('client_gone')];
    answer.onCall = (name) => name === call && abort.abort(gone);
    t.equal(await faultOf(pool.exchange(exchangeRequest(origin.port), answer, abort)), gone);
    t.equal(answer.calls.at(-1), call);
    await until(() => tools.ledger.open('upstream') === 0);
  });
}

t.test('exchange() that is aborted by a sink that throws then has the reason of the abort', async (t) => {
  await using origin = await scriptedOrigin(answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  const { pool } = openPool(t);
  for (const call of ['sent', 'head']) {
    const [abort, answer, gone] = [new Abort(), new KeptAnswer(), new ProxyError('client_gone')];
    answer.onCall = (name) => {
      if (name !== call) return;
      abort.abort(gone);
      throw new ProxyError('response_malformed');
    };
    t.equal(await faultOf(pool.exchange(exchangeRequest(origin.port), answer, abort)), gone);
  }
});

t.test('exchange() leaves alone what is steered after its end', async (t) => {
  await using origin = await scriptedOrigin(answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
  const { pool, tools } = openPool(t);
  const answer = new KeptAnswer();
  answer.onCall = (name) => name === 'chunk' && answer.control?.pause();
  await pool.exchange(exchangeRequest(origin.port), answer, new Abort());
  await until(() => tools.idle.size === 1);
  t.same(answer.calls, ['sent', 'head', 'chunk', 'end'], 'what has come goes on');
  answer.control?.resume();
  answer.control?.resume();
  t.equal(tools.idle.size, 1);
});

const SILENT_MS = 60_000;

for (const [phase, call, text] of [
  ['sent', 'sent', ''],
  ['answering', 'chunk', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab'],
] as const) {
  t.test(`exchange() breaks off a next hop that is silent too long (${phase})`, async (t) => {
    await using origin = await scriptedOrigin(answering(text));
    const { pool, tools } = openPool(t);
    const answer = new KeptAnswer();
    const request = exchangeRequest(origin.port, { idleTimeoutMs: SILENT_MS });
    let isOver = false;
    const fault = faultOf(pool.exchange(request, answer, new Abort())).finally(() => {
      isOver = true;
    });
    await answer.heard(call);
    tools.clock.advance(SILENT_MS - 1_000);
    await turns();
    t.notOk(isOver);
    tools.clock.advance(SILENT_MS / 4 + 1_100);
    t.match(await fault, { reason: 'response_timeout', phase });
  });
}

t.test('exchange() does not blame a next hop that is slow, or that is not read', async (t) => {
  const opened = Promise.withResolvers<Scripted>();
  await using origin = await scriptedOrigin(async (connection) => {
    await answering('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n')(connection);
    opened.resolve(connection);
  });
  const { pool, tools } = openPool(t);
  const answer = new KeptAnswer();
  const request = exchangeRequest(origin.port, { idleTimeoutMs: SILENT_MS });
  const done = faultOf(pool.exchange(request, answer, new Abort()));
  const connection = await opened.promise;
  await answer.heard('head');
  for (let length = 1; length <= 4; length += 1) {
    connection.send('x');
    await until(() => answer.body.length === length);
    tools.clock.advance(SILENT_MS - 1_000);
  }
  answer.control?.pause();
  tools.clock.advance(3 * SILENT_MS);
  answer.control?.resume();
  answer.control?.resume();
  tools.clock.advance(SILENT_MS - 1_000);
  connection.send('x');
  await until(() => answer.body.length === 5);
  tools.clock.advance(1.25 * SILENT_MS + 100);
  t.match(await done, { reason: 'response_timeout', phase: 'answering' });
});
