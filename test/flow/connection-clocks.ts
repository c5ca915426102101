/** The clocks of a connection between transactions: a slow head is 408, silence is nothing at all. */
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { RawClient } from '../fixtures/client.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { allRead, startProxy, yamlOf } from '../fixtures/proxy.ts';

const HEADS: Readonly<Record<string, string>> = {
  'one byte': 'G',
  'half a request line': 'GET http://origin.exa',
  'a head without its end': 'GET http://origin.example/ HTTP/1.1\r\nHost: x\r\n',
  'half a CONNECT': 'CONNECT origin.example:443 HTTP/1.1\r\n',
};

for (const [title, bytes] of Object.entries(HEADS)) {
  t.test(`a head that stops after ${title} is 408`, async (t) => {
    await using proxy = await startProxy(yamlOf({ timeouts: '{ head: 300ms }' }));
    await using client = await RawClient.connect(proxy.port);
    const before = performance.now();
    client.send(bytes);
    const answer = await client.rest();
    const took = performance.now() - before;
    t.ok(took >= 300, `after ${took} ms`);
    t.match(answer, /^HTTP\/1\.1 408 Request head took too long \(t\)\r\n/);
    t.equal(client.ending, 'end');
    t.match(await proxy.ended(1), [
      { outcome: 'failed', reason: 'request_timeout', error: 'http_request_error', status: 408 },
    ]);
    t.match(await proxy.ended(1), [{ method: undefined, host: undefined, bytesFromClient: bytes.length }]);
  });
}

// Attacks: bounded.
t.test('a head that comes byte by byte is 408 all the same', async (t) => {
  await using proxy = await startProxy(yamlOf({ timeouts: '{ head: 300ms }' }));
  await using client = await RawClient.connect(proxy.port);
  client.send('GET http://origin.example/');
  const timer = setInterval(() => client.send('x'), 50);
  t.match(await client.rest(), /^HTTP\/1\.1 408 /);
  clearInterval(timer);
  await proxy.ended(1);
});

t.test('a head that is completed after its 408 is not acted upon', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf({ timeouts: '{ head: 200ms }' }));
  await using client = await RawClient.connect(proxy.port);
  client.send(`GET http://origin.example:${origin.port}/ HTTP/1.1\r\n`);
  t.match(await client.rest(), /^HTTP\/1\.1 408 /);
  client.send(`Host: x\r\n\r\nGET http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  client.end();
  await client.closed();
  t.equal(client.ending, 'end', 'no reset that would eat the answer');
  await proxy.allClosed();
  t.equal(origin.accepted, 0);
  t.equal(proxy.records.length, 1);
});

t.test('a second head that is slow is 408, after the answer to the first', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf({ timeouts: '{ head: 300ms, keepAlive: 10s }' }));
  await using client = await RawClient.connect(proxy.port);
  client.send(`GET http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  const far = await origin.accept();
  await far.head();
  far.send('HTTP/1.1 204 No Content\r\n\r\n');
  t.match(await client.head(), /^HTTP\/1\.1 204 /);
  client.send('GET ');
  t.match(await client.rest(), /^HTTP\/1\.1 408 /);
  t.match(await proxy.ended(2), [{ status: 204 }, { status: 408 }]);
});

t.test(
  'a second head that is slow is 408, though its first bytes came before the answer to the first',
  async (t) => {
    await using origin = await rawOrigin();
    await using proxy = await startProxy(yamlOf({ timeouts: '{ head: 300ms, keepAlive: 10s }' }));
    await using client = await RawClient.connect(proxy.port);
    client.send(`GET http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    const far = await origin.accept();
    await far.head();
    client.send('GET ');
    await allRead(proxy);
    far.send('HTTP/1.1 204 No Content\r\n\r\n');
    t.match(await client.head(), /^HTTP\/1\.1 204 /);
    t.match(await client.rest(), /^HTTP\/1\.1 408 /);
    // Another client's stands before them.
    t.match((await proxy.ended(3)).slice(1), [{ status: 204 }, { status: 408, bytesFromClient: 4 }]);
  },
);

t.test('a request that is slow to be answered is none that is slow to come', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf({ timeouts: '{ head: 500ms, keepAlive: 500ms }' }));
  await using client = await RawClient.connect(proxy.port);
  client.send(`GET http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  const far = await origin.accept();
  // Longer than the clocks that must not run now, and than two sweeps over the connections.
  await delay(1_500);
  far.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
  t.match(await client.until((text) => text.endsWith('hi')), /^HTTP\/1\.1 200 OK/);
  t.match(await proxy.ended(1), [{ outcome: 'completed' }]);
});

t.test('the rest of an upload that has its answer is no slow head', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf({ timeouts: '{ head: 200ms }' }));
  await using client = await RawClient.connect(proxy.port);
  client.send(
    `POST http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhello`,
  );
  const far = await origin.accept();
  await far.head();
  far.send('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n');
  t.match(await client.head(), /^HTTP\/1\.1 413 /);
  await proxy.ended(1);
  client.send('again');
  // Longer than the clock that must not run now, and than two sweeps over the connections.
  await delay(1000);
  t.equal(client.received, '');
  t.equal(client.ending, 'open');
  t.equal(proxy.records.length, 1);
});

t.test('a silent connection ends after timeouts.keepAlive, without a record', async (t) => {
  await using proxy = await startProxy(yamlOf({ timeouts: '{ keepAlive: 300ms, head: 100ms }' }));
  const before = performance.now();
  await using client = await RawClient.connect(proxy.port);
  t.equal(await client.rest(), '');
  const took = performance.now() - before;
  t.equal(client.ending, 'end');
  t.ok(took >= 300, `after ${took} ms`);
  await proxy.allClosed();
  t.same(proxy.records, []);
});

t.test('a connection that was used ends timeouts.keepAlive after its last answer', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf({ timeouts: '{ keepAlive: 1s }' }));
  await using client = await RawClient.connect(proxy.port);
  client.send(`GET http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  const far = await origin.accept();
  await far.head();
  const before = performance.now();
  far.send('HTTP/1.1 204 No Content\r\n\r\n');
  await client.head();
  t.equal(await client.rest(), '');
  const took = performance.now() - before;
  t.ok(took >= 995, `after ${took} ms`);
  t.equal(client.ending, 'end');
  client.end();
  await client.closed();
  t.equal(proxy.records.length, 1);
});

// Attacks: recorded-once.
t.test('a connection that closes without a byte is no transaction, however it closes', async (t) => {
  await using proxy = await startProxy(yamlOf());
  for (let i = 0; i < 10; i += 1) {
    await using client = await RawClient.connect(proxy.port);
    if (i % 2 === 0) client.reset();
    else client.end();
    await client.closed();
  }
  await proxy.allClosed();
  t.same(proxy.records, []);
  t.equal(proxy.proxy.context.tools.ledger.opened.client, 10);
});

t.test('a client that resets amid a head is recorded as gone', async (t) => {
  await using proxy = await startProxy(yamlOf());
  await using client = await RawClient.connect(proxy.port);
  const bytes = 'GET http://origin.example/ HT';
  client.send(bytes);
  await allRead(proxy);
  client.reset();
  t.match(await proxy.ended(2), [
    { status: 400 },
    { outcome: 'client_gone', closedBy: 'client', status: 0, bytesFromClient: bytes.length },
  ]);
  await proxy.allClosed();
});
