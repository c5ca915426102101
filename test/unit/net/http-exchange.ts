import { once } from 'node:events';
import http from 'node:http';
import type net from 'node:net';
import { PassThrough } from 'node:stream';
import t, { type Test } from 'tap';
import { ProxyError } from '#errors.ts';
import { Abort } from '#net/abort.ts';
import type { ExchangeRequest } from '#net/exchange.ts';
import { exchangeByHttp, type Switched } from '#net/http-exchange.ts';
import {
  BROKEN_ANSWERS,
  exchangeRequest,
  HEAD_END,
  KeptAnswer,
  type Scripted,
  scriptedOrigin,
} from '../../fixtures/exchange.ts';
import { httpOriginWith } from '../../fixtures/origin.ts';
import {
  closedPort,
  dialTools,
  faultOf,
  receive,
  turns,
  until,
  watchOpenings,
} from '../../fixtures/sockets.ts';

/** Tools whose connections are all closed when the test is over. */
function toolsOf(t: Test) {
  const tools = dialTools();
  t.teardown(() => until(() => tools.ledger.open('upstream') === 0 && tools.wheel.size === 0));
  return tools;
}

interface Run {
  readonly answer: KeptAnswer;
  readonly abort: Abort;
  readonly done: Promise<Switched | undefined>;
}

function run(t: Test, request: ExchangeRequest): Run & { readonly tools: ReturnType<typeof dialTools> } {
  const [tools, answer, abort] = [toolsOf(t), new KeptAnswer(), new Abort()];
  return { answer, abort, tools, done: exchangeByHttp(tools, request, { sink: answer, abort }) };
}

/** Waits for a head, and keeps the connection open after what it answers. */
function answering(answer: string): (connection: Scripted) => Promise<void> {
  return async (connection) => {
    await connection.until(HEAD_END);
    connection.send(answer);
  };
}

t.test('exchangeByHttp() sends the fields as they are, and relays the answer as it came', async (t) => {
  let head = '';
  await using origin = await scriptedOrigin(async (connection) => {
    await connection.until(HEAD_END);
    head = connection.received();
    connection.send('HTTP/1.1 200 Fine \xfc\r\nX-ONE: 1\r\nx-one: \xfc\r\nContent-Length: 4\r\n\r\nbody');
  });
  const headers = ['Host', 'origin.example', 'X-Odd', 'a', 'x-odd', '\xfc', 'Weir-Transaction', '1'];
  const { answer, done } = run(t, exchangeRequest(origin.port, { target: '/%7E?a', headers }));
  t.equal(await done, undefined);
  t.equal(
    head,
    'GET /%7E?a HTTP/1.1\r\nHost: origin.example\r\nX-Odd: a\r\nx-odd: \xfc\r\nWeir-Transaction: 1\r\nConnection: close\r\n\r\n',
  );
  t.same(answer.calls, ['sent', 'head', 'chunk', 'end']);
  t.equal(answer.phrase, 'Fine \xfc');
  t.same(answer.headers, ['X-ONE', '1', 'x-one', '\xfc', 'Content-Length', '4']);
  t.equal(answer.body, 'body');
});

t.test('exchangeByHttp() carries Expect: 100-continue through', async (t) => {
  const body = new PassThrough();
  await using origin = await scriptedOrigin(async (connection) => {
    await connection.until(HEAD_END);
    connection.send('HTTP/1.1 100 Continue\r\n\r\n');
    await connection.until('the body');
    connection.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  });
  const { answer, done } = run(
    t,
    exchangeRequest(origin.port, {
      method: 'POST',
      headers: ['Host', 'a', 'Expect', '100-continue', 'Content-Length', '8'],
      body,
    }),
  );
  await answer.heard('information');
  t.same(answer.information, [{ status: 100, headers: [] }]);
  body.end('the body');
  await done;
  t.equal(answer.status, 200);
});

for (const [what, field] of [
  ['an expectation', ['Expect', '100-continue']],
  ['trailers', ['Trailer', 'X-Sum']],
] as const) {
  t.test(`exchangeByHttp() sends bytes beyond ASCII as they are before a body with ${what}`, async (t) => {
    const body = new PassThrough();
    let head = '';
    await using origin = await scriptedOrigin(async (connection) => {
      await connection.until(HEAD_END);
      head = connection.received();
      body.end('a');
      await connection.until('0\r\n\r\n');
      connection.send('HTTP/1.1 204 No Content\r\n\r\n');
    });
    const headers = ['Host', 'a', ...field, 'X-Y', 'caf\xe9 \xff'];
    const parts = { method: 'POST', headers, body, isChunked: true };
    await run(t, exchangeRequest(origin.port, parts)).done;
    t.match(head, /\r\nX-Y: caf\xe9 \xff\r\n/);
  });
}

t.test('exchangeByHttp() asks with OPTIONS * as it is', async (t) => {
  let head = '';
  await using origin = await scriptedOrigin(async (connection) => {
    await connection.until(HEAD_END);
    head = connection.received();
    connection.send('HTTP/1.1 204 No Content\r\nAllow: GET\r\n\r\n');
  });
  const { answer, done } = run(t, exchangeRequest(origin.port, { method: 'OPTIONS', target: '*' }));
  await done;
  t.match(head, /^OPTIONS \* HTTP\/1.1\r\n/);
  t.equal(answer.status, 204);
});

t.test('exchangeByHttp() sends a chunked body with its trailers', async (t) => {
  const body = new PassThrough();
  let received = '';
  await using origin = await scriptedOrigin(async (connection) => {
    await connection.until('one');
    body.end('two');
    await connection.until('X-Sum: 42\r\n\r\n');
    received = connection.received();
    connection.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Back: 1\r\n\r\n');
  });
  body.write('one');
  const { answer, done } = run(
    t,
    exchangeRequest(origin.port, {
      method: 'POST',
      headers: ['Host', 'a', 'Trailer', 'X-Sum'],
      body,
      isChunked: true,
      trailers: () => ['X-Sum', '42'],
    }),
  );
  await done;
  t.equal(
    received,
    'POST / HTTP/1.1\r\nHost: a\r\nTrailer: X-Sum\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n' +
      '3\r\none\r\n3\r\ntwo\r\n0\r\nX-Sum: 42\r\n\r\n',
  );
  t.equal(answer.body, 'ok');
  t.same(answer.trailers, ['X-Back', '1']);
});

t.test('exchangeByHttp() does not announce trailers that cannot come', async (t) => {
  let head = '';
  await using origin = await scriptedOrigin(async (connection) => {
    await connection.until(HEAD_END);
    head = connection.received();
    connection.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  });
  const { answer, done } = run(
    t,
    exchangeRequest(origin.port, { headers: ['Host', 'a', 'TRAILER', 'X-Sum'] }),
  );
  await done;
  t.equal(answer.status, 200);
  t.notMatch(head, /trailer/i);
});

t.test('exchangeByHttp() pauses the answer, and resumes it', async (t) => {
  const much = 16 * 1024 * 1024;
  await using origin = await httpOriginWith(
    http.createServer((_request, response) => void response.end(Buffer.alloc(much, 1))),
  );
  const { answer, done } = run(t, exchangeRequest(origin.port));
  answer.onCall = (name) => name === 'chunk' && answer.control?.pause();
  while (answer.chunks.length === 0) await new Promise(setImmediate);
  await turns();
  const [socket] = origin.sockets;
  t.ok((socket?.writableLength ?? 0) > 0, 'the origin has to wait');
  t.ok(Buffer.concat(answer.chunks).length < much / 4);
  answer.control?.resume();
  await done;
  t.equal(Buffer.concat(answer.chunks).length, much);
});

t.test(
  'exchangeByHttp() hands over the connection after a 101, with what came behind the head',
  async (t) => {
    let head = '';
    await using origin = await scriptedOrigin(async (connection) => {
      await connection.until(HEAD_END);
      head = connection.received();
      connection.send(
        'HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: Chat\r\nX-Y: z\r\n\r\nhello',
      );
      await connection.until('hi there');
      connection.end('bye');
    });
    const request = exchangeRequest(origin.port, { upgrade: 'chat' });
    const { answer, done, abort, tools } = run(t, request);
    const switched = (await done) as Switched;
    t.match(head, /\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n$/);
    t.equal(switched.phrase, 'Switching');
    t.same(switched.headers, ['Connection', 'upgrade', 'Upgrade', 'Chat', 'X-Y', 'z']);
    t.equal(switched.head.toString(), 'hello');
    t.same(answer.calls, ['sent']);
    abort.abort(new ProxyError('client_gone'));
    t.notOk(switched.socket.destroyed, 'it is the caller’s now');
    t.equal(switched.socket.timeout, 0, 'and so are its clocks');
    switched.socket.write('hi there');
    t.same(await receive(switched.socket), { bytes: Buffer.from('bye'), ending: 'end' });
    switched.socket.destroy();
    await until(() => tools.ledger.open('upstream') === 0);
  },
);

t.test('exchangeByHttp() relays an answer other than 101 to an upgrade', async (t) => {
  await using origin = await scriptedOrigin(
    answering(
      'HTTP/1.1 426 Upgrade Required\r\nConnection: upgrade\r\nUpgrade: other\r\nContent-Length: 2\r\n\r\nno',
    ),
  );
  const { answer, done } = run(t, exchangeRequest(origin.port, { upgrade: 'chat' }));
  t.equal(await done, undefined);
  t.equal(answer.status, 426);
  t.equal(answer.body, 'no');
});

t.test('exchangeByHttp() dials the address that it is given, and tells how that went wrong', async (t) => {
  const port = await closedPort();
  const { answer, done, tools } = run(t, exchangeRequest(port));
  const fault = await faultOf(done);
  t.match(fault, {
    reason: 'connection_refused',
    phase: 'connecting',
    cause: { code: 'ECONNREFUSED', address: '127.0.0.1', port },
  });
  t.same(answer.calls, []);
  t.equal(tools.ledger.opened.upstream, 1);
});

t.test('exchangeByHttp() gives up connecting when its time is over', async (t) => {
  await using origin = await scriptedOrigin(async () => {});
  const { done, tools } = run(t, exchangeRequest(origin.port, { connectTimeoutMs: 1_000 }));
  // In the same turn of the event loop no answer can have come.
  tools.clock.advance(1_050);
  t.match(await faultOf(done), { reason: 'connection_timeout', phase: 'connecting' });
});

for (const [title, { answer, reason, phase }] of Object.entries(BROKEN_ANSWERS)) {
  t.test(`exchangeByHttp() rejects ${title}: ${reason}, ${phase}`, async (t) => {
    await using origin = await scriptedOrigin(async (connection) => {
      await connection.until(HEAD_END);
      answer(connection);
    });
    const { answer: kept, done } = run(t, exchangeRequest(origin.port));
    t.match(await faultOf(done), { reason, phase });
    t.notOk(kept.calls.includes('end'));
  });
}

t.test(
  'exchangeByHttp() does not take a reset for the end of a body that runs until the close',
  async (t) => {
    const opened = Promise.withResolvers<Run>();
    await using origin = await scriptedOrigin(async (connection) => {
      await connection.until(HEAD_END);
      connection.send('HTTP/1.1 200 OK\r\n\r\nsome of it');
      await (await opened.promise).answer.heard('chunk');
      connection.reset();
    });
    const started = run(t, exchangeRequest(origin.port));
    opened.resolve(started);
    t.match(await faultOf(started.done), { reason: 'response_incomplete', phase: 'answering' });
  },
);

for (const [phase, call, text] of [
  ['sent', 'sent', ''],
  ['answering', 'chunk', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab'],
] as const) {
  t.test(`exchangeByHttp() breaks off a next hop that is silent too long (${phase})`, async (t) => {
    await using origin = await scriptedOrigin(answering(text));
    const [tools, answer] = [toolsOf(t), new KeptAnswer()];
    const { sockets } = watchOpenings(t);
    const request = exchangeRequest(origin.port, { idleTimeoutMs: 60_000 });
    const fault = faultOf(exchangeByHttp(tools, request, { sink: answer, abort: new Abort() }));
    await answer.heard(call);
    t.equal(sockets[0]?.timeout, 60_000);
    sockets[0]?.emit('timeout');
    t.match(await fault, { reason: 'response_timeout', phase });
  });
}

t.test('exchangeByHttp() does not blame a next hop for silence while it is not read', async (t) => {
  await using origin = await scriptedOrigin(answering('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab'));
  const [tools, answer] = [toolsOf(t), new KeptAnswer()];
  const { sockets } = watchOpenings(t);
  // Real time, long enough for the answer to come and short enough to be waited for twice.
  const request = exchangeRequest(origin.port, { idleTimeoutMs: 300 });
  const fault = faultOf(exchangeByHttp(tools, request, { sink: answer, abort: new Abort() }));
  await answer.heard('chunk');
  answer.control?.pause();
  const socket = sockets[0] as net.Socket;
  await once(socket, 'timeout');
  t.notOk(socket.destroyed);
  answer.control?.resume();
  t.match(
    await fault,
    { reason: 'response_timeout', phase: 'answering' },
    'once it is read, its silence counts',
  );
});

t.test('exchangeByHttp() does not begin after an abort', async (t) => {
  const tools = dialTools();
  const abort = new Abort();
  const gone = new ProxyError('client_gone');
  abort.abort(gone);
  const done = exchangeByHttp(tools, exchangeRequest(9), { sink: new KeptAnswer(), abort });
  t.equal(await faultOf(done), gone);
  t.equal(tools.ledger.opened.upstream, 0);
});

t.test('exchangeByHttp() ends at an abort while it is still connecting', async (t) => {
  await using origin = await scriptedOrigin(async () => {});
  const { answer, abort, done } = run(t, exchangeRequest(origin.port));
  const gone = new ProxyError('client_gone');
  abort.abort(gone);
  t.equal(await faultOf(done), gone);
  t.same(answer.calls, []);
});

for (const [call, text] of [
  ['sent', ''],
  ['chunk', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab'],
] as const) {
  t.test(`exchangeByHttp() closes the connection at an abort (${call})`, async (t) => {
    await using origin = await scriptedOrigin(answering(text));
    const { answer, abort, done } = run(t, exchangeRequest(origin.port));
    await answer.heard(call);
    const gone = new ProxyError('client_gone');
    abort.abort(gone);
    t.equal(await faultOf(done), gone);
  });
}

t.test('exchangeByHttp() breaks off where the request body fails', async (t) => {
  await using origin = await scriptedOrigin(async () => {});
  const body = new PassThrough();
  const { answer, done } = run(t, exchangeRequest(origin.port, { method: 'POST', body, isChunked: true }));
  await answer.heard('sent');
  const gone = new ProxyError('client_gone');
  body.destroy(gone);
  t.equal(await faultOf(done), gone);
});

for (const call of ['sent', 'information', 'head', 'chunk', 'end']) {
  t.test(`exchangeByHttp() breaks off where the sink throws (${call})`, async (t) => {
    await using origin = await scriptedOrigin(
      answering('HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody'),
    );
    const thrown = new ProxyError('response_malformed');
    const { answer, done } = run(t, exchangeRequest(origin.port));
    answer.onCall = (name) => {
      if (name === call) throw thrown;
    };
    t.equal(await faultOf(done), thrown);
  });
}

t.test('exchangeByHttp() breaks off where the trailers cannot be sent', async (t) => {
  await using origin = await scriptedOrigin(async () => {});
  const body = new PassThrough();
  body.end('x');
  const trailers = (): string[] => ['X-Y', 'a\nb'];
  const { done } = run(t, exchangeRequest(origin.port, { method: 'POST', body, isChunked: true, trailers }));
  t.match(await faultOf(done), { reason: 'internal_error', cause: { code: 'ERR_INVALID_CHAR' } });
});

t.test('exchangeByHttp() goes to the first of its addresses that connects', async (t) => {
  await using origin = await scriptedOrigin(answering('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  const addresses = { address: '127.0.7.2', others: ['127.0.0.1'] };
  const { answer, done } = run(t, exchangeRequest(origin.port, addresses));
  await done;
  t.same([answer.status, answer.dialled], [200, ['127.0.7.2', '127.0.0.1']]);
  t.equal(answer.address, '127.0.0.1');
});
