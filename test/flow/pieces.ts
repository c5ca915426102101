/**
 * What a client sends comes in pieces, some of it while the proxy is busy: it arrives whole and in order, on plain and on TLS
 * listeners alike, whoever reads the connection by then.
 */
import { once } from 'node:events';
import type net from 'node:net';
import tls from 'node:tls';
import t, { type Test } from 'tap';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { startDnsServer } from '../fixtures/dns-server.ts';
import { httpOrigin, rawOrigin } from '../fixtures/origin.ts';
import { owned } from '../fixtures/owned.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { closedPort } from '../fixtures/sockets.ts';
import { Issuer } from '../fixtures/tls.ts';

const issuer = await Issuer.open();
t.teardown(() => issuer[Symbol.asyncDispose]());
const { certFile, keyFile } = await issuer.issue('t', { names: 'DNS:t.test' });

const LISTENERS = {
  plain: '[{ name: main, address: 127.0.0.1:0 }]',
  TLS: `[{ name: main, address: 127.0.0.1:0, tls: { cert: ${certFile}, key: ${keyFile} } }]`,
} as const;
type Kind = keyof typeof LISTENERS;
const KINDS = Object.keys(LISTENERS) as Kind[];

async function proxyOf(t: Test, kind: Kind, keys: Readonly<Record<string, string>> = {}): Promise<TestProxy> {
  return owned(t, await startProxy(yamlOf({ listeners: LISTENERS[kind], ...keys })));
}

async function clientOf(t: Test, kind: Kind, { port }: TestProxy): Promise<RawClient> {
  if (kind === 'plain') return owned(t, await RawClient.connect(port));
  const socket: net.Socket = tls.connect({ port, host: '127.0.0.1', ca: issuer.ca, servername: 't.test' });
  socket.allowHalfOpen = true;
  await once(socket, 'secureConnect');
  return owned(t, RawClient.over(socket));
}

/** What was sent before it has been read when this is answered. */
async function turn(t: Test, kind: Kind, proxy: TestProxy): Promise<void> {
  const other = await clientOf(t, kind, proxy);
  other.send('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await other.rest();
}

/** Says how long the body is and of what. */
const measured = (t: Test) =>
  httpOrigin(async (request, answer) => {
    let body = '';
    for await (const chunk of request.setEncoding('latin1')) body += chunk;
    answer.end(`${request.headers['content-length']} ${body}`);
  }).then((origin) => owned(t, origin));

const post = (host: string, body: string, length = body.length): string =>
  `POST http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${length}\r\n\r\n${body}`;

for (const kind of KINDS) {
  t.test(`${kind}: a request that Node reads comes behind one that Weir reads`, async (t) => {
    const proxy = await proxyOf(t, kind);
    const client = await clientOf(t, kind, proxy);
    const host = `origin.example:${await closedPort()}`;
    client.send(`GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    client.send(`DELETE http://${host}/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    t.equal((await readAnswer(client)).status, 502);
    t.equal((await readAnswer(client)).status, 502);
    await turn(t, kind, proxy);
    t.same(
      (await proxy.ended(3)).map(({ method, status }) => `${method} ${status}`).slice(0, 2),
      ['GET 502', 'DELETE 502'],
      'and the proxy goes on',
    );
  });

  t.test(`${kind}: bodies of all sizes that come with their head arrive whole`, async (t) => {
    const origin = await measured(t);
    const proxy = await proxyOf(t, kind);
    const client = await clientOf(t, kind, proxy);
    for (const bytes of [1, 16_384, 17_000, 20_000, 33_000, 40_000, 70_000]) {
      const body = Buffer.alloc(bytes, '0123456789abcdefghijk').toString();
      client.send(post(`origin.example:${origin.port}`, body));
      const answer = await readAnswer(client);
      t.equal(answer.status, 200);
      t.ok(answer.body === `${bytes} ${body}`, `${bytes} bytes, got ${answer.body.slice(0, 30)}`);
    }
  });

  t.test(`${kind}: a body whose pieces come while a name is looked up arrives whole`, async (t) => {
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    const dns = await startDnsServer(async ({ type }) => {
      asked.resolve();
      await answered.promise;
      return type === 'A' ? { addresses: ['127.0.0.1'] } : {};
    });
    owned(t, dns);
    const origin = await measured(t);
    const proxy = await proxyOf(t, kind, { dns: `{ servers: ["${dns.address}"] }` });
    const client = await clientOf(t, kind, proxy);
    client.send(post(`slow.example:${origin.port}`, '0123456789', 30));
    await asked.promise;
    for (const piece of ['abcdefghij', 'ABCDEFGHIJ']) {
      client.send(piece);
      await turn(t, kind, proxy);
    }
    answered.resolve();
    t.equal((await readAnswer(client)).body, '30 0123456789abcdefghijABCDEFGHIJ');
  });

  t.test(`${kind}: what is said before a connection switches arrives whole`, async (t) => {
    const origin = owned(t, await rawOrigin());
    const access = '[{ name: sockets, allow: [all], upgrade: [websocket] }]';
    const proxy = await proxyOf(t, kind, { access });
    const client = await clientOf(t, kind, proxy);
    const host = `origin.example:${origin.port}`;
    client.send(
      `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n1`,
    );
    const far = owned(t, await origin.accept());
    await far.head();
    for (const piece of ['2', '3', '4', '5']) {
      client.send(piece);
      await turn(t, kind, proxy);
    }
    far.send('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await client.head();
    client.send('6');
    await far.expect('123456');
    t.pass('all of it, in order');
  });
}
