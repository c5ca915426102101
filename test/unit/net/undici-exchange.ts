import { PassThrough } from 'node:stream';
import t from 'tap';
import { ProxyError } from '#errors.ts';
import { Abort } from '#net/abort.ts';
import {
  BROKEN_ANSWERS,
  exchangeRequest,
  HEAD_END,
  KeptAnswer,
  type Scripted,
  scriptedOrigin,
} from '../../fixtures/exchange.ts';
import { httpOrigin } from '../../fixtures/origin.ts';
import { answering, openPool } from '../../fixtures/pool.ts';
import { faultOf, turns, until, watchOpenings } from '../../fixtures/sockets.ts';

t.test('exchange() relays head and body as they came, and nothing of undici’s', async (t) => {
  await using origin = await scriptedOrigin(
    answering('HTTP/1.1 200 Fine\r\nX-ONE: 1\r\nx-one: \xfc\r\nContent-Length: 4\r\n\r\nbody'),
  );
  const { pool } = openPool(t);
  const answer = new KeptAnswer();
  await pool.exchange(exchangeRequest(origin.port), answer, new Abort());
  t.same(answer.calls, ['sent', 'head', 'chunk', 'end']);
  t.equal(answer.status, 200);
  t.equal(answer.phrase, 'Fine');
  t.same(answer.headers, ['X-ONE', '1', 'x-one', '\xfc', 'Content-Length', '4']);
  t.equal(answer.body, 'body');
  t.same(answer.trailers, []);
});

t.test('exchange() sends method, target and fields unchanged', async (t) => {
  let head = '';
  await using origin = await scriptedOrigin(async (connection) => {
    await connection.until(HEAD_END);
    head = connection.received();
    connection.send('HTTP/1.1 204 No Content\r\n\r\n');
  });
  const { pool } = openPool(t);
  const headers = ['Host', 'origin.example:80', 'X-Odd', 'a', 'x-odd', '\xfc'];
  const target = '/%7Euser/../a?b=%2f';
  await pool.exchange(
    exchangeRequest(origin.port, { method: 'PURGE', target, headers }),
    new KeptAnswer(),
    new Abort(),
  );
  t.equal(
    head,
    `PURGE ${target} HTTP/1.1\r\nhost: origin.example:80\r\nconnection: keep-alive\r\nX-Odd: a\r\nx-odd: \xfc\r\n\r\n`,
  );
});

t.test('exchange() relays reason phrases byte by byte', async (t) => {
  await using origin = await scriptedOrigin(
    answering('HTTP/1.1 200 \xc3\xa9t\xc3\xa9\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
    answering('HTTP/1.1 200 \xe9\r\nContent-Length: 0\r\n\r\n'),
  );
  const { pool } = openPool(t);
  const [utf8, latin1] = [new KeptAnswer(), new KeptAnswer()];
  await pool.exchange(exchangeRequest(origin.port), utf8, new Abort());
  t.equal(utf8.phrase, '\xc3\xa9t\xc3\xa9');
  await pool.exchange(exchangeRequest(origin.port), latin1, new Abort());
  t.match(latin1.phrase, /^[\x80-\xff]+$/, 'what is not UTF-8 becomes something that can be sent on');
});

t.test('exchange() relays 103 before the answer, and trailers after it', async (t) => {
  await using origin = await scriptedOrigin(
    answering(
      'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n' +
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n' +
        '3\r\nabc\r\n0\r\nX-Sum: 42\r\n\r\n',
    ),
  );
  const { pool } = openPool(t);
  const answer = new KeptAnswer();
  await pool.exchange(exchangeRequest(origin.port), answer, new Abort());
  t.same(answer.information, [{ status: 103, headers: ['Link', '</a.css>'] }]);
  t.equal(answer.body, 'abc');
  t.same(answer.trailers, ['X-Sum', '42']);
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

t.test('exchange() pauses the answer, and resumes it', async (t) => {
  const much = 16 * 1024 * 1024;
  await using origin = await httpOrigin((_request, response) => response.end(Buffer.alloc(much, 1)));
  const { pool } = openPool(t);
  const answer = new KeptAnswer();
  answer.onCall = (name) => name === 'chunk' && answer.control?.pause();
  const done = pool.exchange(exchangeRequest(origin.port), answer, new Abort());
  await answer.heard('chunk');
  answer.control?.pause();
  await turns();
  const [socket] = origin.sockets;
  t.ok(Buffer.concat(answer.chunks).length < much / 4);
  t.ok((socket?.writableLength ?? 0) > 0, 'the origin has to wait');
  answer.control?.resume();
  await done;
  t.equal(Buffer.concat(answer.chunks).length, much);
});

for (const [title, { answer, reason, phase }] of Object.entries(BROKEN_ANSWERS)) {
  t.test(`exchange() rejects ${title}: ${reason}, ${phase}`, async (t) => {
    await using origin = await scriptedOrigin(async (connection) => {
      await connection.until(HEAD_END);
      answer(connection);
    });
    const { pool } = openPool(t);
    const kept = new KeptAnswer();
    const fault = await faultOf(pool.exchange(exchangeRequest(origin.port), kept, new Abort()));
    t.match(fault, { reason, phase });
    t.notOk(kept.calls.includes('end'));
  });
}

t.test('exchange() takes a body that runs until the connection closes', async (t) => {
  await using origin = await scriptedOrigin(async (connection) => {
    await connection.until(HEAD_END);
    connection.end('HTTP/1.1 200 OK\r\n\r\nall of it');
  });
  const { pool } = openPool(t);
  const answer = new KeptAnswer();
  await pool.exchange(exchangeRequest(origin.port), answer, new Abort());
  t.equal(answer.body, 'all of it');
});

for (const [phase, idleTimeoutMs, text] of [
  ['sent', 20, ''],
  // Real time, long enough for the answer to begin.
  ['answering', 400, 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab'],
] as const) {
  t.test(`exchange() breaks off a next hop that is silent too long (${phase})`, async (t) => {
    await using origin = await scriptedOrigin(answering(text));
    const { pool } = openPool(t);
    const request = exchangeRequest(origin.port, { idleTimeoutMs });
    const hold = setInterval(() => {}, 1_000);
    const fault = await faultOf(pool.exchange(request, new KeptAnswer(), new Abort()));
    clearInterval(hold);
    t.match(fault, { reason: 'response_timeout', phase });
  });
}

t.test('exchange() closes the connection at an abort, before the answer and within', async (t) => {
  await using origin = await scriptedOrigin(
    async () => {},
    answering('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab'),
  );
  const { pool, tools } = openPool(t);
  for (const call of ['sent', 'chunk']) {
    const [abort, answer] = [new Abort(), new KeptAnswer()];
    const gone = new ProxyError('client_gone');
    const done = faultOf(pool.exchange(exchangeRequest(origin.port), answer, abort));
    await answer.heard(call);
    abort.abort(gone);
    t.equal(await done, gone);
    await until(() => tools.ledger.open('upstream') === 0);
  }
});

t.test('exchange() listens to the abort no more once it is done', async (t) => {
  await using origin = await httpOrigin((_request, response) => response.end('ok'));
  const { pool, tools } = openPool(t);
  const abort = new Abort();
  await pool.exchange(exchangeRequest(origin.port), new KeptAnswer(), abort);
  abort.abort(new ProxyError('client_gone'));
  await turns();
  t.equal(tools.ledger.open('upstream'), 1, 'the connection is kept for others');
});

t.test('exchange() breaks off where the sink throws, for the reason that it gives', async (t) => {
  await using origin = await scriptedOrigin(answering('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody'));
  const { pool } = openPool(t);
  const thrown = new ProxyError('response_malformed');
  for (const call of ['sent', 'head', 'chunk', 'end']) {
    const answer = new KeptAnswer();
    answer.onCall = (name) => {
      if (name === call) throw thrown;
    };
    t.equal(await faultOf(pool.exchange(exchangeRequest(origin.port), answer, new Abort())), thrown, call);
  }
});

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
      await pool.exchange(exchangeRequest(origin.port, { target: '/first' }), new KeptAnswer(), new Abort());
      await new Promise(setImmediate);
      const request = exchangeRequest(origin.port, { target: '/second' });
      const fault = await faultOf(pool.exchange(request, new KeptAnswer(), new Abort()));
      t.match(fault, { reason: 'response_malformed', phase: 'sent', message: /not asked for/ });
      t.equal(asked, 1);
    },
  );
}

const BROKEN_LATER = {
  'closes without a byte': ['stale', (connection: Scripted) => connection.end()],
  'resets without a byte': ['stale', (connection: Scripted) => connection.reset()],
  'closes within its head': ['sent', (connection: Scripted) => connection.end('HTTP/1.1 200 OK\r\nX: ')],
  'closes behind a 103': ['sent', (connection: Scripted) => connection.end('HTTP/1.1 103 Hints\r\n\r\n')],
} as const;

for (const [how, [phase, breakOff]] of Object.entries(BROKEN_LATER)) {
  t.test(`exchange() tells a kept connection that ${how} as ${phase}`, async (t) => {
    await using origin = await scriptedOrigin(async (connection) => {
      await connection.until('/first');
      connection.send('HTTP/1.1 204 No Content\r\n\r\n');
      await connection.until('/second');
      breakOff(connection);
    });
    const { pool } = openPool(t);
    await pool.exchange(exchangeRequest(origin.port, { target: '/first' }), new KeptAnswer(), new Abort());
    await new Promise(setImmediate);
    const request = exchangeRequest(origin.port, { target: '/second' });
    const fault = await faultOf(pool.exchange(request, new KeptAnswer(), new Abort()));
    t.match(fault, { reason: 'connection_terminated', phase });
  });
}

t.test('exchange() ends at an abort while it waits on a kept connection, and sends nothing', async (t) => {
  let received = '';
  await using origin = await scriptedOrigin(async (connection) => {
    await answering('HTTP/1.1 204 No Content\r\n\r\n')(connection);
    received = connection.received();
  });
  const { pool, tools } = openPool(t);
  await pool.exchange(exchangeRequest(origin.port), new KeptAnswer(), new Abort());
  await until(() => tools.idle.size === 1);
  const [abort, answer] = [new Abort(), new KeptAnswer()];
  const gone = new ProxyError('client_gone');
  const done = faultOf(pool.exchange(exchangeRequest(origin.port, { target: '/late' }), answer, abort));
  abort.abort(gone);
  t.equal(await done, gone);
  await until(() => tools.ledger.open('upstream') === 0);
  t.same(answer.calls, []);
  t.notMatch(received, 'late');
});

t.test('exchange() masks no other error of the socket', async (t) => {
  await using origin = await scriptedOrigin(answering('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab'));
  const { pool } = openPool(t);
  const { sockets } = watchOpenings(t);
  const answer = new KeptAnswer();
  const done = faultOf(pool.exchange(exchangeRequest(origin.port), answer, new Abort()));
  await answer.heard('chunk');
  sockets[0]?.destroy(Object.assign(new Error('read'), { code: 'EHOSTUNREACH' }));
  t.match(await done, { reason: 'destination_unroutable', phase: 'answering' });
});
