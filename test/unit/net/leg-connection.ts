import t from 'tap';
import { Abort } from '#net/abort.ts';
import type { ExchangeRequest } from '#net/exchange.ts';
import type { HttpPool } from '#net/pool.ts';
import { testConnections } from '../../fixtures/connection-scenarios.ts';
import {
  exchangeRequest,
  HEAD_END,
  KeptAnswer,
  type Scripted,
  scriptedOrigin,
} from '../../fixtures/exchange.ts';
import { answering, OWN, openPool } from '../../fixtures/pool.ts';
import { faultOf, turns, until, watchOpenings } from '../../fixtures/sockets.ts';

testConnections(OWN);

async function ask(pool: HttpPool, port: number, parts: Partial<ExchangeRequest> = {}): Promise<KeptAnswer> {
  const answer = new KeptAnswer();
  await pool.exchange(exchangeRequest(port, parts), answer, new Abort());
  return answer;
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

const NOT_KEPT: Readonly<Record<string, readonly [text: string, parts?: Partial<ExchangeRequest>]>> = {
  'an answer that says so': ['HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'],
  'an answer of HTTP/1.0': ['HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  'more than an answer': [`${OK}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`],
  'an answer that may have a body and must not': ['HTTP/1.1 304 Same\r\nContent-Length: 2\r\n\r\n'],
  'the answer to HEAD': ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n', { method: 'HEAD' }],
  'a request with a body that is not expected': [OK, { method: 'DELETE', wholeBody: Buffer.from('a') }],
};

for (const [what, [text, parts]] of Object.entries(NOT_KEPT)) {
  t.test(`exchange() keeps no connection behind ${what}`, async (t) => {
    await using origin = await scriptedOrigin(answering(text));
    const { pool, tools } = openPool(t);
    const answer = await ask(pool, origin.port, parts);
    t.notMatch(answer.body, 'evil');
    await until(() => tools.ledger.open('upstream') === 0);
    t.equal(tools.idle.size, 0);
  });
}

for (const [what, breakOff] of Object.entries({
  'a byte': (connection: Scripted) => connection.send('H'),
  'an end': (connection: Scripted) => connection.end(),
  'a reset': (connection: Scripted) => connection.reset(),
})) {
  t.test(`a kept connection on which ${what} comes is closed`, async (t) => {
    const kept = Promise.withResolvers<Scripted>();
    await using origin = await scriptedOrigin(async (connection) => {
      await answering(OK)(connection);
      kept.resolve(connection);
    });
    const { pool, tools } = openPool(t);
    await ask(pool, origin.port);
    await until(() => tools.idle.size === 1);
    breakOff(await kept.promise);
    await until(() => tools.ledger.open('upstream') === 0);
    t.equal(tools.idle.size, 0);
  });
}

t.test('what comes behind an answer before its connection is idle closes it', async (t) => {
  await using origin = await scriptedOrigin(answering(OK));
  const { pool, tools } = openPool(t);
  const { legs } = watchOpenings(t);
  const answer = new KeptAnswer();
  // As if it had come in a read of its own, in the same turn of the event loop.
  answer.onCall = (name) => {
    if (name === 'end') queueMicrotask(() => legs[0]?.destroy());
  };
  await pool.exchange(exchangeRequest(origin.port), answer, new Abort());
  await until(() => tools.ledger.open('upstream') === 0);
  t.equal(tools.idle.size, 0);
});

t.test('a kept connection is closed when its time is over', async (t) => {
  await using origin = await scriptedOrigin(
    answering('HTTP/1.1 204 None\r\nKeep-Alive: timeout=9\r\n\r\n'),
    answering(OK),
  );
  const { pool, tools } = openPool(t);
  for (const keptMs of [7_000, 30_000]) {
    await ask(pool, origin.port);
    await until(() => tools.idle.size === 1);
    tools.clock.advance(keptMs - 100);
    t.equal(tools.idle.size, 1);
    tools.clock.advance(200);
    t.equal(tools.idle.size, 0);
    await until(() => tools.ledger.open('upstream') === 0);
  }
});

t.test('destroy() tells an exchange that waits on a kept connection that nothing was sent', async (t) => {
  await using origin = await scriptedOrigin(answering(OK));
  const { pool, tools } = openPool(t);
  await ask(pool, origin.port);
  await until(() => tools.idle.size === 1);
  const done = faultOf(ask(pool, origin.port));
  await pool.destroy();
  t.match(await done, { reason: 'draining', phase: 'connecting' });
  await until(() => tools.ledger.open('upstream') === 0);
});

t.test('destroy() closes what is idle', async (t) => {
  await using origin = await scriptedOrigin(answering(OK));
  const { pool, tools } = openPool(t);
  await ask(pool, origin.port);
  await until(() => tools.idle.size === 1);
  await pool.destroy();
  await until(() => tools.ledger.open('upstream') === 0);
  t.equal(tools.idle.size, 0);
});

t.test('exchange() pauses its connection, resumes it, and hears its end', async (t) => {
  const kept = Promise.withResolvers<Scripted>();
  await using origin = await scriptedOrigin(async (connection) => {
    await answering('HTTP/1.1 200 OK\r\n\r\none')(connection);
    kept.resolve(connection);
  });
  const { pool, tools } = openPool(t);
  const answer = new KeptAnswer();
  answer.onCall = (name) => name === 'chunk' && answer.control?.pause();
  const done = pool.exchange(exchangeRequest(origin.port), answer, new Abort());
  const connection = await kept.promise;
  await until(() => answer.body === 'one');
  connection.end('two');
  await turns();
  tools.clock.advance(50_000);
  t.equal(answer.body, 'one');
  answer.control?.resume();
  await done;
  t.equal(answer.body, 'onetwo');
  await until(() => tools.ledger.open('upstream') === 0);
});

t.test('a kept connection holds no large buffer', async (t) => {
  const much = 4 * 1024 * 1024;
  await using origin = await scriptedOrigin(async (connection) => {
    await connection.until(HEAD_END);
    connection.send(`HTTP/1.1 200 OK\r\nContent-Length: ${much}\r\n\r\n${'x'.repeat(much)}`);
  });
  const { pool, tools } = openPool(t);
  let isLarge = false;
  const answer = new KeptAnswer();
  answer.onChunk = () => {
    isLarge ||= tools.pool.lent > 0;
  };
  await pool.exchange(exchangeRequest(origin.port), answer, new Abort());
  await until(() => tools.idle.size === 1);
  t.ok(isLarge);
  t.equal(tools.pool.lent, 0);
  await turns();
  t.equal(tools.idle.size, 1);
});
