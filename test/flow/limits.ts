/** Limits end to end: what is counted, whom together, what a client is told that has had enough, and that all is given back. */
import t from 'tap';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { oneDay } from '../fixtures/day.ts';
import { httpOrigin, type RawOrigin, rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { Stopwatch } from '../fixtures/stopwatch.ts';
import { eventually } from '../fixtures/within.ts';

const MIB = 1024 * 1024;

function limited(limit: string): Readonly<Record<string, string>> {
  return { limits: `{ few: ${limit} }`, access: '[{ name: some, allow: [all], limit: few }]' };
}

/** A client with its tunnel, or the answer that it got instead. */
async function openTunnel(proxy: TestProxy, { port }: RawOrigin, from = '127.0.0.1') {
  const client = await RawClient.connect(proxy.port, { from });
  client.send(`CONNECT origin.example:${port} HTTP/1.1\r\nHost: x\r\n\r\n`);
  return client;
}

async function statusOf(client: RawClient): Promise<number> {
  return Number((await client.head()).split(' ')[1]);
}

t.test('requests: a burst passes, the next is told when to come again', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf(limited('{ per: source, requests: 1/h, burst: 3 }')));
  for (let index = 0; index < 3; index += 1) {
    await using client = await openTunnel(proxy, origin);
    t.equal(await statusOf(client), 200);
  }
  await using refused = await openTunnel(proxy, origin);
  const answer = await readAnswer(refused);
  t.match(answer, {
    first: 'HTTP/1.1 429 Too many requests (t)',
    fields: {
      'ratelimit-policy': '"few";q=3;w=10800',
      'proxy-status': /^t; ?details="requests_exceeded rule=some"/,
    },
    body: /^Too many requests \(t\)\n/,
  });
  const retryS = Number(answer.fields['retry-after']);
  t.ok(retryS > 3590 && retryS <= 3600, `in ${retryS} s`);
  t.equal(answer.fields.ratelimit, `"few";r=0;t=${retryS}`);
  await using other = await openTunnel(proxy, origin, '127.0.0.2');
  t.equal(await statusOf(other), 200, 'another client has its own');
  t.equal(origin.accepted, 4, 'what is refused dials nobody');
  const [record] = await proxy.ended(1);
  t.match(record, {
    outcome: 'limited',
    reason: 'requests_exceeded',
    rule: 'some',
    error: undefined,
    status: 429,
  });
  t.same(proxy.limitHits, ['few']);
});

t.test('requests: plain HTTP counts as well, and its connection goes on', async (t) => {
  await using origin = await httpOrigin((_, response) => response.end('well'));
  await using proxy = await startProxy(yamlOf(limited('{ per: global, requests: 1/h, burst: 2 }')));
  await using client = await RawClient.connect(proxy.port);
  const statuses: number[] = [];
  for (let index = 0; index < 4; index += 1) {
    client.send(`GET http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    statuses.push((await readAnswer(client)).status);
  }
  t.same(statuses, [200, 200, 429, 429]);
  await proxy.ended(4);
});

t.test('tunnels: as many at a time, and one that ends makes room, however it ends', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf(limited('{ per: rule, tunnels: 2 }')));
  const endings: Readonly<Record<string, (client: RawClient, far: RawClient) => void>> = {
    'the client ends it': (client, far) => {
      client.end();
      far.end();
    },
    'the client breaks it': (client) => client.reset(),
    'the origin breaks it': (_, far) => far.reset(),
    'it is cut': () => proxy.proxy.context.drain.cutAll(),
  };
  for (const [how, end] of Object.entries(endings)) {
    const ended = proxy.records.filter(({ event }) => event === 'end').length;
    await using first = await openTunnel(proxy, origin);
    t.equal(await statusOf(first), 200);
    const far = await origin.accept();
    await using second = await openTunnel(proxy, origin);
    t.equal(await statusOf(second), 200);
    const farther = await origin.accept();
    await using third = await openTunnel(proxy, origin);
    t.match(await readAnswer(third), { status: 429, fields: { 'retry-after': '1' } }, how);
    end(first, far);
    second.reset();
    await farther.rest();
    await proxy.ended(ended + 3);
  }
  await using closed = await openTunnel(proxy, { ...origin, port: 1 });
  t.equal(await statusOf(closed), 502, 'one that never opens');
  await using last = await openTunnel(proxy, origin);
  t.equal(await statusOf(last), 200, 'gives back what it took');
  last.end();
  (await origin.accept()).end();
});

t.test('bandwidth: a tunnel is slowed down in both directions, and loses nothing', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf(limited('{ per: source, bandwidth: 1MiB/s }')));
  await using client = await openTunnel(proxy, origin);
  await client.head();
  const far = await origin.accept();
  const bytes = Buffer.alloc(600 * 1024, 'x');
  using watch = new Stopwatch();
  client.send(bytes);
  far.send(bytes);
  await Promise.all([
    far.until(({ length }) => length >= bytes.length),
    client.until(({ length }) => length >= bytes.length),
  ]);
  // A fifth of a second's worth goes at once, and the last read of each side is only paid for afterwards.
  t.ok(watch.wallMs > 400, `1.2 MiB took ${watch.wallMs} ms`);
  t.ok(watch.ms < 3000, `1.2 MiB took ${watch.ms} ms of ours`);
  client.end();
  far.end();
  const [record] = await proxy.ended(1);
  t.match(record, { outcome: 'completed', bytesFromClient: bytes.length, bytesToClient: bytes.length });
});

t.test(
  'bandwidth: what is sent and answered in plain HTTP is slowed down as well, and so are many small answers',
  async (t) => {
    const body = Buffer.alloc(300 * 1024, 'x');
    await using origin = await httpOrigin(async (request, response) => {
      for await (const _ of request);
      response.end(request.url === '/small' ? body.subarray(0, 50 * 1024) : body);
    });
    await using proxy = await startProxy(yamlOf(limited('{ per: source, bandwidth: 1MiB/s }')));
    await using client = await RawClient.connect(proxy.port);
    const ask = async (method: string, path: string, fields = ''): Promise<number> => {
      client.send(
        `${method} http://origin.example:${origin.port}/${path} HTTP/1.1\r\nHost: x\r\n${fields}\r\n`,
      );
      if (fields !== '') client.send(body);
      return (await readAnswer(client)).body.length;
    };
    const timed = async (work: () => Promise<unknown>, leastMs: number): Promise<void> => {
      using watch = new Stopwatch();
      await work();
      t.ok(watch.wallMs > leastMs && watch.ms < 3000, `${watch.wallMs} ms, ${watch.ms} ms of it ours`);
    };
    let lengths: readonly number[] = [];
    await timed(async () => {
      lengths = [await ask('GET', ''), await ask('POST', '', `Content-Length: ${body.length}\r\n`)];
    }, 400);
    t.same(lengths, [body.length, body.length]);
    await timed(async () => {
      for (let index = 0; index < 16; index += 1) await ask('GET', 'small');
    }, 500);
    await proxy.ended(18);
  },
);

t.test('bandwidth: what cannot begin in the time to establish is told so', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(
    yamlOf({ ...limited('{ per: source, bandwidth: 1KiB/s }'), timeouts: '{ establish: 200ms }' }),
  );
  await using client = await openTunnel(proxy, origin);
  await client.head();
  const far = await origin.accept();
  far.send(Buffer.alloc(60 * 1024));
  await client.until(({ length }) => length >= 60 * 1024);
  client.reset();
  await proxy.ended(1);
  await using late = await openTunnel(proxy, origin);
  t.match(await readAnswer(late), {
    status: 429,
    fields: { 'ratelimit-policy': '"few";q=1024;qu="content-bytes";w=1' },
  });
  const [, record] = await proxy.ended(2);
  t.match(record, { outcome: 'limited', reason: 'bandwidth_exceeded' });
});

t.test('bandwidth: the tunnels of a client get the same', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf(limited('{ per: source, bandwidth: 8MiB/s }')));
  await using stack = new AsyncDisposableStack();
  const received: number[] = [];
  for (let index = 0; index < 4; index += 1) {
    const client = stack.use(await openTunnel(proxy, origin));
    await client.head();
    const far = await origin.accept();
    received.push(0);
    client.socket.on('data', ({ length }: Buffer) => {
      received[index] = (received[index] ?? 0) + length;
      client.take();
    });
    // One sends in large pieces, the others in small ones.
    const piece = Buffer.alloc(index === 0 ? 256 * 1024 : 8 * 1024);
    const send = (): void => {
      if (!far.socket.destroyed) far.socket.write(piece, () => setImmediate(send));
    };
    send();
  }
  const total = (): number => received.reduce((sum, count) => sum + count, 0);
  await eventually(() => total() > 4 * MIB, 'all of them to be under way');
  received.fill(0);
  await eventually(() => total() > 6 * MIB, '6 MiB');
  const mean = total() / received.length;
  for (const [index, count] of received.entries()) {
    t.ok(count > mean * 0.6 && count < mean * 1.4, `tunnel ${index}: ${count / mean} of the mean`);
  }
  proxy.proxy.context.drain.cutAll();
  await proxy.ended(4);
});

t.test('bytesPerDay: when they are used up an open tunnel is cut, and what is new refused', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf(limited('{ per: source, bytesPerDay: 100KiB }')), oneDay());
  await using client = await openTunnel(proxy, origin);
  await client.head();
  const far = await origin.accept();
  client.send(Buffer.alloc(60 * 1024));
  await far.until(({ length }) => length >= 60 * 1024);
  far.send(Buffer.alloc(60 * 1024));
  await client.rest();
  t.equal(client.ending, 'ECONNRESET');
  await far.rest();
  t.equal(far.ending, 'ECONNRESET');
  await using second = await openTunnel(proxy, origin);
  const answer = await readAnswer(second);
  t.match(answer, {
    status: 429,
    fields: { 'ratelimit-policy': '"few";q=102400;qu="content-bytes";w=86400' },
  });
  t.ok(Number(answer.fields['retry-after']) <= 86_400);
  await using other = await openTunnel(proxy, origin, '127.0.0.2');
  t.equal(await statusOf(other), 200);
  other.end();
  (await origin.accept()).end();
  const [cut, refused] = await proxy.ended(3);
  t.match(cut, { outcome: 'limited', reason: 'bytes_exceeded', status: 200, closedBy: 'proxy' });
  t.match(refused, { outcome: 'limited', reason: 'bytes_exceeded', status: 429 });
  t.same(proxy.limitHits, ['few', 'few']);
});
