/** `maxConnections` and `maxConnectionsPerClient` where clients speak TLS: a handshake takes a place from its beginning on. */
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import t, { type Test } from 'tap';
import { RawClient } from '../fixtures/client.ts';
import { echoOrigin } from '../fixtures/origin.ts';
import { type ProxyOptions, startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { Issuer } from '../fixtures/tls.ts';
import { eventually } from '../fixtures/within.ts';

const issuer = await Issuer.open();
t.teardown(() => issuer[Symbol.asyncDispose]());
const t2 = await issuer.issue('t2', { names: 'DNS:t2.test' });

const OTHER = '127.0.0.9';
/** The record of a ClientHello that never comes. */
const BEGUN = Buffer.from('160301', 'hex');
const HEADER = 'PROXY TCP4 192.0.2.7 127.0.0.1 56324 3128\r\n';
/** Connections of a listener that may be open to be told that they are too many. */
const MAX_TOLD = 64;

function start(bounds: string, options?: ProxyOptions): Promise<TestProxy> {
  const keys = `tls: { cert: ${t2.certFile}, key: ${t2.keyFile} }`;
  const listeners = `[{ name: main, address: 127.0.0.1:0, ${keys}${bounds} }]`;
  return startProxy(yamlOf({ listeners }), options);
}

/** A client whose handshake is done. */
async function secured({ port }: TestProxy, localAddress = '127.0.0.1'): Promise<RawClient> {
  const beneath = net.connect({ port, host: '127.0.0.1', localAddress });
  const socket = tls.connect({ socket: beneath, ca: issuer.ca, servername: 't2.test' });
  await once(socket, 'secureConnect');
  return RawClient.over(socket);
}

/** Clients that begin a handshake and leave it at that. */
async function begun(proxy: TestProxy, count: number, before = ''): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (let i = 0; i < count; i += 1) {
    const client = await RawClient.connect(proxy.port);
    if (before !== '') client.send(before);
    client.send(BEGUN);
    clients.push(client);
  }
  return clients;
}

/** The clock by which it is told how long somebody has been silent; it stands still until the test moves it. */
function stopClock(t: Test): { nowMs: number } {
  const clock = { nowMs: performance.now() };
  t.intercept(performance, 'now', { value: () => clock.nowMs });
  return clock;
}

const openIn = ({ proxy }: TestProxy): number => proxy.context.tools.ledger.open('client');
const accepted = ({ proxy }: TestProxy): number => proxy.context.tools.ledger.opened.client;

// Attacks: bounded.
t.test(
  'a client may have no more handshakes under way than connections, and harms nobody by them',
  async (t) => {
    await using origin = await echoOrigin();
    await using proxy = await start(', maxConnections: 20, maxConnectionsPerClient: 2');
    await using victim = await secured(proxy, OTHER);
    const clients = await begun(proxy, 2 + MAX_TOLD + 10);
    await eventually(
      () => proxy.refusedConnections === MAX_TOLD + 10,
      'those that are too many to be counted',
    );
    await eventually(() => openIn(proxy) === 1 + 2 + MAX_TOLD, 'those that are not told to be closed');
    t.match(await victim.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
    t.equal(clients[0]?.ending, 'open', 'the first has its place');
    for (const client of clients) client.reset();
    await eventually(() => openIn(proxy) === 1, 'the handshakes to be over');
    for (const _ of [1, 2]) {
      const client = await secured(proxy);
      t.match(
        await client.tunnel(`origin.example:${origin.port}`),
        /^HTTP\/1\.1 200 /,
        'places are given back',
      );
      t.teardown(() => client[Symbol.asyncDispose]());
    }
  },
);

// Attacks: bounded.
t.test('one connection more than may be is told so behind its handshake', async (t) => {
  await using origin = await echoOrigin();
  await using proxy = await start(', maxConnectionsPerClient: 1');
  await using first = await secured(proxy);
  await using second = await secured(proxy);
  t.match(await second.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 429 /);
  t.match(await first.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
  t.equal(proxy.refusedConnections, 1);
  const [record] = await proxy.ended(1);
  t.match(record, { reason: 'client_connections_exceeded' });
});

// Attacks: bounded.
t.test(
  'where a listener is full a handshake that is slow makes room before who is silent does',
  async (t) => {
    const clock = stopClock(t);
    await using origin = await echoOrigin();
    await using proxy = await start(', maxConnections: 2');
    await using silent = await secured(proxy, OTHER);
    const [slow] = await begun(proxy, 1);
    await eventually(() => accepted(proxy) === 2, 'both to be accepted');
    await using early = await secured(proxy);
    t.match(await early.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 503 /, 'it is not slow yet');
    clock.nowMs += 1_001;
    await using next = await secured(proxy);
    t.match(await next.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
    t.equal(await slow?.rest(), '');
    t.equal(silent.ending, 'open');
    await using last = await secured(proxy);
    t.match(
      await last.tunnel(`origin.example:${origin.port}`),
      /^HTTP\/1\.1 200 /,
      'who is silent goes then',
    );
    await silent.rest();
    t.equal(proxy.refusedConnections, 1);
  },
);

// Attacks: bounded.
t.test('where the process is full handshakes make room before who is silent does', async (t) => {
  await using origin = await echoOrigin();
  await using proxy = await start('', { budget: { clients: 4, idle: 4 } });
  await using silent = await secured(proxy, OTHER);
  const clients = await begun(proxy, 12);
  await eventually(() => accepted(proxy) === 13 && openIn(proxy) <= 4, 'the oldest handshakes to be closed');
  t.match(await silent.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
  t.equal(clients.at(-1)?.ending, 'open');
  for (const client of clients) client.socket.destroy();
});

// Attacks: bounded.
t.test('behind a load balancer a handshake counts for the client that its header names', async (t) => {
  await using origin = await echoOrigin();
  await using proxy = await start(', maxConnectionsPerClient: 1, proxyProtocol: { from: [127.0.0.1/32] }');
  const clients = await begun(proxy, 3, HEADER);
  await eventually(() => proxy.refusedConnections === 2, 'two of them to be too many');
  await using other = await secured(proxy, OTHER);
  t.match(await other.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
  t.equal(proxy.refusedConnections, 2);
  for (const client of clients) client.socket.destroy();
});

t.test('a drain ends handshakes that wait to be told, and nothing is left of their places', async () => {
  const proxy = await start(', maxConnectionsPerClient: 1');
  const clients = await begun(proxy, 3);
  await eventually(() => proxy.refusedConnections === 2, 'two of them to be too many');
  await proxy[Symbol.asyncDispose]();
  for (const client of clients) await client.rest();
});
