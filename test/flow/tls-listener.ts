/** Clients of a TLS listener who are refused, are slow, or speak something else; and what their certificates say to the policy. */
import { once } from 'node:events';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import tls from 'node:tls';
import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { freePort } from '../../scripts/lib/ports.ts';
import { RawClient } from '../fixtures/client.ts';
import { echoOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { Issuer } from '../fixtures/tls.ts';
import { eventually } from '../fixtures/within.ts';

const [issuer, stranger] = await Promise.all([Issuer.open(), Issuer.open()]);
t.teardown(() => Promise.all([issuer[Symbol.asyncDispose](), stranger[Symbol.asyncDispose]()]));
const [t2, t2new, t1, foreign, expired] = await Promise.all([
  issuer.issue('t2', { names: 'DNS:t2.test' }),
  issuer.issue('t2-new', { names: 'DNS:t2.test' }),
  issuer.issue('t1', { names: 'DNS:t1.test,URI:spiffe://x/t1' }),
  stranger.issue('t1', { names: 'DNS:t1.test' }),
  issuer.issue('expired', { names: 'DNS:t1.test', days: -1 }),
]);

function listening(
  extra = `clientCa: ${issuer.caFile}`,
  keys: Readonly<Record<string, string>> = {},
): string {
  const files = `cert: ${t2.certFile}, key: ${t2.keyFile}`;
  return yamlOf({
    listeners: `[{ name: main, address: 127.0.0.1:0, tls: { ${files}, ${extra} } }]`,
    ...keys,
  });
}

const SHOWN = { cert: t1.cert, key: t1.key };

/** A client whose handshake is done, as far as it knows. */
async function secured({ port }: TestProxy, options: tls.ConnectionOptions = SHOWN): Promise<tls.TLSSocket> {
  const socket = tls.connect({ port, host: '127.0.0.1', ca: issuer.ca, servername: 't2.test', ...options });
  await once(socket, 'secureConnect');
  return socket;
}

/** How a client's connection ends that asks for nothing. */
async function endingOf(proxy: TestProxy, options: tls.ConnectionOptions): Promise<string | undefined> {
  const socket = tls.connect({
    port: proxy.port,
    host: '127.0.0.1',
    ca: issuer.ca,
    servername: 't2.test',
    ...options,
  });
  socket.resume();
  const code = await new Promise<string | undefined>((resolve) => {
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    socket.once('close', () => resolve(undefined));
  });
  socket.destroy();
  return code;
}

// Attacks: true-peer.
t.test(
  'a client without a good certificate gets no further than the handshake, and is counted',
  async (t) => {
    await using proxy = await startProxy(listening());
    t.equal(await endingOf(proxy, {}), 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'none');
    await endingOf(proxy, { cert: foreign.cert, key: foreign.key });
    await endingOf(proxy, { cert: expired.cert, key: expired.key });
    t.match(await endingOf(proxy, { maxVersion: 'TLSv1.2' }), /ALERT/, 'none, in TLS 1.2');
    await eventually(() => proxy.failedHandshakes.length === 4, 'four failed handshakes');
    t.strictSame(proxy.failedHandshakes, Array(4).fill('main certificate'));
    t.match(await endingOf(proxy, { ...SHOWN, ca: stranger.ca }), /CERT/, 'one that does not trust us');
    t.strictSame(proxy.records, [], 'nothing of it is a transaction');
  },
);

t.test('a client that does not trust us, and goes without a word, is noticed at once', async (t) => {
  await using proxy = await startProxy(listening(undefined, { timeouts: '{ head: 1h }' }));
  t.match(await endingOf(proxy, { ...SHOWN, ca: stranger.ca }), /CERT/);
  t.equal(await endingOf(proxy, { ...SHOWN, servername: 'other.test' }), 'ERR_TLS_CERT_ALTNAME_INVALID');
  await using amid = await RawClient.connect(proxy.port);
  amid.send(Buffer.from('160301', 'hex'));
  amid.end();
  await amid.rest();
  await proxy.allClosed();
  t.strictSame(proxy.failedHandshakes, Array(3).fill('main closed'));
});

t.test('a client that ends its side as soon as it has asked is answered over TLS', async (t) => {
  await using origin = await echoOrigin();
  await using proxy = await startProxy(listening());
  const at = `origin.example:${origin.port}`;
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const socket = tls.connect({
      ...SHOWN,
      ...{ port: proxy.port, host: '127.0.0.1', ca: issuer.ca, servername: 't2.test', maxVersion },
    });
    socket.allowHalfOpen = true;
    // In one turn with what ends the handshake.
    socket.end(`CONNECT ${at} HTTP/1.1\r\nHost: ${at}\r\n\r\nhello`);
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    t.match(answer, /^HTTP\/1\.1 200 [\s\S]*hello$/, maxVersion);
  }
});

t.test(
  'what is no TLS is refused, who says nothing has begun nothing, and who is too slow is cut off',
  async (t) => {
    await using proxy = await startProxy(listening(undefined, { timeouts: '{ head: 200ms }' }));
    await using plain = await RawClient.connect(proxy.port);
    plain.send('CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n');
    t.notMatch(await plain.rest(), 'HTTP/1.1');
    await using probe = await RawClient.connect(proxy.port);
    probe.end();
    await probe.rest();
    await using silent = await RawClient.connect(proxy.port);
    await silent.rest();
    await using slow = await RawClient.connect(proxy.port);
    slow.send(Buffer.from('160301', 'hex'));
    await slow.rest();
    await using gone = await RawClient.connect(proxy.port);
    gone.send(Buffer.from('160301', 'hex'));
    gone.reset();
    await eventually(() => proxy.failedHandshakes.length === 3, 'three failed handshakes');
    t.strictSame(new Set(proxy.failedHandshakes), new Set(['main protocol', 'main timeout', 'main closed']));
    await proxy.allClosed();
    t.strictSame(proxy.records, []);
  },
);

// Attacks: bounded.
t.test('handshakes are bounded as all connections are: the oldest go where there are too many', async (t) => {
  await using proxy = await startProxy(listening(), { budget: { clients: 4, idle: 4 } });
  const clients: RawClient[] = [];
  for (let i = 0; i < 12; i += 1) {
    const client = await RawClient.connect(proxy.port);
    client.send(Buffer.from('160301', 'hex'));
    clients.push(client);
  }
  const { ledger } = proxy.proxy.context.tools;
  await eventually(
    () => ledger.opened.client === 12 && ledger.open('client') <= 4,
    'the oldest to be closed',
  );
  await clients[0]?.rest();
  t.equal(clients.at(-1)?.ending, 'open');
  const socket = await secured(proxy);
  t.ok(socket.authorized, 'who comes then is served');
  socket.destroy();
  for (const client of clients) client.socket.destroy();
});

t.test('a drain ends handshakes and silent connections at once', async () => {
  const proxy = await startProxy(listening());
  const [amid, idle] = [await RawClient.connect(proxy.port), await secured(proxy)];
  amid.send(Buffer.from('160301', 'hex'));
  idle.resume();
  await eventually(() => proxy.proxy.context.tools.ledger.opened.client === 2, 'both to be accepted');
  const closed = once(idle, 'close');
  await proxy[Symbol.asyncDispose]();
  await Promise.all([amid.rest(), closed]);
});

// Attacks: own-identity.
t.test('the policy knows a client by its certificate, and only by one that was asked for', async (t) => {
  const keys = {
    acls: '{ tier1: { clientCerts: ["uri:spiffe://x/t1"] } }',
    access: '[{ name: hops, allow: [tier1] }]',
  };
  await using origin = await echoOrigin();
  await using proxy = await startProxy(listening(undefined, keys));
  const ask = async (options: tls.ConnectionOptions): Promise<string> => {
    await using client = RawClient.over(await secured(proxy, options));
    return await client.tunnel(`origin.example:${origin.port}`);
  };
  t.match(await ask(SHOWN), /^HTTP\/1\.1 200 /);
  t.match(await ask({ ...SHOWN, maxVersion: 'TLSv1.2' }), /^HTTP\/1\.1 200 /);
  const other = await issuer.issue('other', { names: 'URI:spiffe://x/t3' });
  t.match(await ask({ cert: other.cert, key: other.key }), /^HTTP\/1\.1 403 /);
});

t.test('a session that is taken up again keeps the names of its certificate', async (t) => {
  const keys = {
    acls: '{ tier1: { clientCerts: ["dns:t1.test"] } }',
    access: '[{ name: hops, allow: [tier1] }]',
  };
  await using origin = await echoOrigin();
  await using proxy = await startProxy(listening(undefined, keys));
  const first = await secured(proxy);
  const [session] = await Promise.all([once(first, 'session'), first.resume()]);
  first.destroy();
  const again = await secured(proxy, { ...SHOWN, session: session[0] as Buffer });
  t.ok(again.isSessionReused());
  await using client = RawClient.over(again);
  t.match(await client.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
});

t.test('new certificates serve new connections, and what is open stays', async (t) => {
  const [cert, key] = [join(issuer.folder, 'live.pem'), join(issuer.folder, 'live.key')];
  await Promise.all([copyFile(t2.certFile, cert), copyFile(t2.keyFile, key)]);
  const yaml = yamlOf({
    listeners: `[{ name: main, address: 127.0.0.1:0, tls: { cert: ${cert}, key: ${key} } }]`,
  });
  await using origin = await echoOrigin();
  await using proxy = await startProxy(yaml);
  const old = await secured(proxy, {});
  const [session] = await Promise.all([once(old, 'session'), old.resume()]);
  await using client = RawClient.over(old);
  await client.tunnel(`origin.example:${origin.port}`);
  await copyFile(t2new.certFile, cert);
  await t.rejects(parseConfig(yaml, {}), /The private key is not that of the certificate/, 'half of a pair');
  await copyFile(t2new.keyFile, key);
  await proxy.proxy.adopt(await parseConfig(yaml, {}));
  const fresh = await secured(proxy, { session: session[0] as Buffer });
  t.notOk(fresh.isSessionReused(), 'no ticket of before is good any more');
  t.equal(fresh.getPeerCertificate().subject.CN, 't2-new');
  fresh.destroy();
  client.send('still here');
  await client.expect('still here');
});

t.test('a listener may turn to TLS, and back, at a reload', async (t) => {
  const port = await freePort();
  const at = (rest: string): string =>
    yamlOf({ listeners: `[{ name: main, address: 127.0.0.1:${port}${rest} }]` });
  const withTls = at(`, tls: { cert: ${t2.certFile}, key: ${t2.keyFile} }`);
  await using proxy = await startProxy(at(''));
  await proxy.proxy.adopt(await parseConfig(withTls, {}));
  (await secured(proxy, {})).destroy();
  await proxy.proxy.adopt(await parseConfig(at(''), {}));
  await using client = await RawClient.connect(port);
  client.send('NONSENSE\r\n\r\n');
  t.match(await client.rest(), /^HTTP\/1\.1 400 /);
});
