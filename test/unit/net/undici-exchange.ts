import { PassThrough } from 'node:stream';
import t from 'tap';
import { Abort } from '#net/abort.ts';
import { exchangeRequest, KeptAnswer, scriptedOrigin } from '../../fixtures/exchange.ts';
import { testExchanges } from '../../fixtures/exchange-scenarios.ts';
import { answering, openPool, UNDICI } from '../../fixtures/pool.ts';
import { faultOf } from '../../fixtures/sockets.ts';

const { ask } = UNDICI;

testExchanges(UNDICI);

t.test('exchange() relays reason phrases byte by byte', async (t) => {
  await using origin = await scriptedOrigin(
    answering('HTTP/1.1 200 \xc3\xa9t\xc3\xa9\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
    answering('HTTP/1.1 200 \xe9\r\nContent-Length: 0\r\n\r\n'),
  );
  const { pool } = openPool(t);
  const [utf8, latin1] = [new KeptAnswer(), new KeptAnswer()];
  await pool.exchange(ask(origin.port), utf8, new Abort());
  t.equal(utf8.phrase, '\xc3\xa9t\xc3\xa9');
  await pool.exchange(ask(origin.port), latin1, new Abort());
  t.match(latin1.phrase, /^[\x80-\xff]+$/, 'what is not UTF-8 becomes something that can be sent on');
});

t.test('exchange() streams the request body while the answer is awaited', async (t) => {
  await using origin = await scriptedOrigin(async (connection) => {
    await connection.until('first');
    body.write('second');
    await connection.until('second');
    body.end();
    await connection.until('0\r\n\r\n');
    connection.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  });
  const { pool } = openPool(t);
  const body = new PassThrough();
  body.write('first');
  const answer = new KeptAnswer();
  const request = exchangeRequest(origin.port, { method: 'POST', body, isChunked: true });
  await pool.exchange(request, answer, new Abort());
  t.equal(answer.status, 200);
});

t.test('exchange() keeps no connection whose origin asks who uses it', async (t) => {
  const head = 'HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n';
  await using origin = await scriptedOrigin(answering(head), answering(head));
  const { pool } = openPool(t);
  for (const count of [1, 2]) {
    const answer = new KeptAnswer();
    await pool.exchange(ask(origin.port), answer, new Abort());
    t.equal(answer.status, 401, `on a connection of its own (${count})`);
  }
});

for (const [phase, idleTimeoutMs, text] of [
  ['sent', 20, ''],
  // Real time, long enough for the answer to begin.
  ['answering', 400, 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab'],
] as const) {
  t.test(`exchange() breaks off a next hop that is silent too long (${phase})`, async (t) => {
    await using origin = await scriptedOrigin(answering(text));
    const { pool } = openPool(t);
    const request = ask(origin.port, { idleTimeoutMs });
    const hold = setInterval(() => {}, 1_000);
    const fault = await faultOf(pool.exchange(request, new KeptAnswer(), new Abort()));
    clearInterval(hold);
    t.match(fault, { reason: 'response_timeout', phase });
  });
}

for (const [what, text] of Object.entries({
  '100': 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  '100 behind a 103': 'HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n',
  '101': 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
})) {
  t.test(
    `exchange() takes a ${what} that was not asked for for nonsense, on a kept connection too`,
    async (t) => {
      let asked = 0;
      await using origin = await scriptedOrigin(async (connection) => {
        await connection.until('/first');
        connection.send('HTTP/1.1 204 No Content\r\n\r\n');
        await connection.until('/second');
        asked += 1;
        connection.send(text);
      });
      const { pool } = openPool(t);
      await pool.exchange(ask(origin.port, { target: '/first' }), new KeptAnswer(), new Abort());
      await new Promise(setImmediate);
      const request = ask(origin.port, { target: '/second' });
      const fault = await faultOf(pool.exchange(request, new KeptAnswer(), new Abort()));
      t.match(fault, { reason: 'response_malformed', phase: 'answering', message: /not asked for/ });
      t.equal(asked, 1);
    },
  );
}
