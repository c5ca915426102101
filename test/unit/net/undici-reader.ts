import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { Reader, type ReaderOptions } from '#net/undici-reader.ts';
import { ApiServer } from '../../fixtures/api-server.ts';
import { Issuer } from '../../fixtures/tls.ts';

async function serving(t: Test, answer: http.RequestListener): Promise<string> {
  const server = http.createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function reading(t: Test, origin: string, parts: Partial<ReaderOptions> = {}): Reader {
  const reader = new Reader({ origin, ca: undefined, patienceMs: 10_000, silenceMs: 10_000, ...parts });
  t.teardown(() => reader.destroy());
  return reader;
}

async function textOf(chunks: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += chunk;
  return text;
}

t.test('get() gives status and body, and sends what it is told to', async (t) => {
  const origin = await serving(t, ({ url, headers }, response) => {
    response.statusCode = 201;
    response.end(`${url} ${headers.authorization}`);
  });
  const reader = reading(t, origin);
  for (const path of ['/a?b=c', '/d']) {
    const { status, chunks } = await reader.get(path, { authorization: 'Bearer x' });
    t.equal(status, 201);
    t.equal(await textOf(chunks), `${path} Bearer x`);
  }
});

t.test('get() says that there is no connection', async (t) => {
  const reader = reading(t, 'http://127.0.0.1:9');
  await t.rejects(reader.get('/', {}), { trouble: 'unreachable', message: /ECONNREFUSED/ });
});

t.test('get() says that no answer comes', async (t) => {
  const origin = await serving(t, () => {});
  await t.rejects(reading(t, origin, { patienceMs: 1 }).get('/', {}), { trouble: 'silent', message: /./ });
});

t.test('a silence amid an answer is told, and so is an end that is none', async (t) => {
  const origin = await serving(t, ({ url }, response) => {
    response.write('begun', () => {
      if (url === '/cut') response.destroy();
    });
  });
  const silent = await reading(t, origin, { silenceMs: 1 }).get('/', {});
  await t.rejects(textOf(silent.chunks), { trouble: 'silent', message: /./ });
  const cut = await reading(t, origin).get('/cut', {});
  await t.rejects(textOf(cut.chunks), { trouble: 'disconnected', message: /./ });
});

t.test('destroy() ends what is under way', async (t) => {
  const origin = await serving(t, (_, response) => {
    response.write('begun');
  });
  const reader = reading(t, origin);
  const { chunks } = await reader.get('/', {});
  const ended = t.rejects(textOf(chunks), { trouble: 'disconnected', message: /./ });
  await reader.destroy();
  await ended;
  await t.rejects(reader.get('/', {}), { trouble: 'disconnected', message: /./ });
});

t.test('a server is believed by the authorities that are given, and by no others', async (t) => {
  await using issuer = await Issuer.open();
  const own = await issuer.issue('api', { names: 'IP:127.0.0.1' });
  await using server = await ApiServer.start({ tls: own });
  const reader = reading(t, server.url, { ca: issuer.ca });
  t.equal((await reader.get('/api/v1/pods', {})).status, 200);
  await t.rejects(reading(t, server.url).get('/', {}), { trouble: 'unreachable', message: /./ });
});
