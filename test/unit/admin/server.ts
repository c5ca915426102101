/** Over real sockets: what is tested is what a scraper, a probe and a confused client get to see. */
import { once } from 'node:events';
import net from 'node:net';
import t from 'tap';
import { startTestAdmin as start } from '../../fixtures/admin.ts';

t.test('/healthz is 200 as long as the process answers at all', async (t) => {
  await using fixture = await start();
  fixture.health.ready = false;
  const response = await fixture.get('/healthz');
  t.same([response.status, await response.text()], [200, 'ok\n']);
});

t.test('/readyz says whether traffic is taken, and why not', async (t) => {
  await using fixture = await start();
  const ready = await fixture.get('/readyz');
  t.same([ready.status, await ready.text()], [200, 'ready\n']);
  fixture.health.ready = false;
  fixture.health.reasons = ['draining', 'no peer is up'];
  const response = await fixture.get('/readyz?verbose');
  t.same([response.status, await response.text()], [503, 'not ready\ndraining\nno peer is up\n']);
  t.equal(response.headers.get('cache-control'), 'no-store');
});

t.test('/readyz is JSON for who asks for that', async (t) => {
  await using fixture = await start();
  fixture.health.ready = false;
  fixture.health.reasons = ['draining'];
  const response = await fixture.get('/readyz', { headers: { accept: 'application/json' } });
  t.equal(response.status, 503);
  t.equal(response.headers.get('content-type'), 'application/json');
  t.same(await response.json(), { ready: false, reasons: ['draining'] });
});

t.test('/metrics is what the metrics render, in their content type', async (t) => {
  await using fixture = await start();
  const response = await fixture.get('/metrics');
  t.same([response.status, await response.text()], [200, 'weir_up 1\n']);
  t.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
});

t.test('/metrics renders once for scrapes that come together', async (t) => {
  const rendered = Promise.withResolvers<string>();
  let count = 0;
  const render = (): Promise<string> => {
    count += 1;
    return rendered.promise;
  };
  await using fixture = await start({ metrics: { contentType: 'text/plain', render } });
  const first = fixture.get('/metrics');
  const second = fixture.get('/metrics');
  await fixture.get('/healthz');
  rendered.resolve('weir_up 1\n');
  t.same(await Promise.all([(await first).text(), (await second).text()]), ['weir_up 1\n', 'weir_up 1\n']);
  t.equal(count, 1);
  await fixture.get('/metrics');
  t.equal(count, 2);
});

t.test('a page that fails is a 500, and logged', async (t) => {
  const render = async (): Promise<string> => {
    throw new Error('Cannot read peers');
  };
  await using fixture = await start({ metrics: { contentType: 'text/plain', render } });
  const response = await fixture.get('/metrics');
  t.same([response.status, await response.text()], [500, 'This page failed; see the log\n']);
  t.match(fixture.logged, [{ level: 'error', err: { message: 'Cannot read peers' } }]);
});

t.test('/ lists the pages, and what is none is a 404 that does so too', async (t) => {
  await using fixture = await start();
  const index = await fixture.get('/');
  t.equal(index.status, 200);
  t.match(await index.text(), /^\/healthz .*^\/readyz .*^\/metrics /ms);
  const missing = await fixture.get('/config');
  t.equal(missing.status, 404);
  t.match(await missing.text(), /^No such page\n\/healthz /);
});

t.test('HEAD has the head of GET and no body', async (t) => {
  await using fixture = await start();
  const response = await fixture.get('/metrics', { method: 'HEAD' });
  t.equal(response.headers.get('content-length'), '10');
  t.equal(await response.text(), '');
});

for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']) {
  t.test(`${method} is not allowed`, async (t) => {
    await using fixture = await start();
    const answer = await fixture.raw(
      `${method} /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    );
    t.match(answer, /^HTTP\/1\.1 405 /);
    t.match(answer, /^Allow: GET, HEAD\r$/m);
  });
}

t.test('a request with an absolute-form target is refused', async (t) => {
  await using fixture = await start();
  const answer = await fixture.raw(
    'GET http://example.com/healthz HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n',
  );
  t.match(answer, /^HTTP\/1\.1 400 [\s\S]*\r\n\r\nThis is the admin address, not a proxy\n$/);
});

t.test('CONNECT is refused, and the connection closed', async (t) => {
  await using fixture = await start();
  const answer = await fixture.raw('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n');
  t.match(answer, /^HTTP\/1\.1 405 [\s\S]*\r\n\r\nThis is the admin address, not a proxy\n$/);
});

t.test('a client that breaks off while it is being refused does no harm', async (t) => {
  await using fixture = await start();
  const socket = net.connect(fixture.admin.address.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n');
  socket.resetAndDestroy();
  t.equal((await fixture.get('/healthz')).status, 200);
});

t.test('a head that is too large is refused', async (t) => {
  await using fixture = await start();
  const answer = await fixture.raw(`GET / HTTP/1.1\r\nHost: a\r\nX-Large: ${'x'.repeat(9_000)}\r\n\r\n`);
  t.match(answer, /^HTTP\/1\.1 431 /);
});

t.test('an answer that takes too long ends with its connection', async (t) => {
  const render = (): Promise<string> => new Promise(() => {});
  await using fixture = await start({
    metrics: { contentType: 'text/plain', render },
    answerTimeoutMs: 10,
  });
  t.equal(await fixture.raw('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n'), '');
});

t.test('startAdmin() rejects where the address is taken', async (t) => {
  await using fixture = await start();
  await t.rejects(start({ port: fixture.admin.address.port }), {
    code: 'EADDRINUSE',
    message: /^Cannot bind the admin address: EADDRINUSE at 127\.0\.0\.1:\d+\. /,
  });
});

t.test('close() ends connections that are kept alive', async (t) => {
  const fixture = await start();
  const socket = net.connect(fixture.admin.address.port, '127.0.0.1');
  socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(socket, 'data');
  const closed = once(socket, 'close');
  await fixture.admin.close();
  await closed;
  t.pass('closed');
});
