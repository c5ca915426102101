/** `maxConnections` and `maxConnectionsPerClient`: who is too many is told so, and who is there loses nothing. */
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { echoOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

const bounded = (bounds: string): Record<string, string> => ({
  listeners: `[{ name: main, address: 127.0.0.1:0, ${bounds} }]`,
});

async function tunnels(proxy: TestProxy, count: number, port: number): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (let i = 0; i < count; i += 1) {
    const client = await RawClient.connect(proxy.port);
    const head = await client.tunnel(`origin.example:${port}`);
    if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(`No tunnel: ${head}`);
    clients.push(client);
  }
  return clients;
}

async function endAll(clients: readonly RawClient[]): Promise<void> {
  for (const client of clients) client.end();
  for (const client of clients) await client.closed();
}

const CASES = {
  maxConnections: [
    'maxConnections: 3',
    'connections_exceeded',
    '503 Too many connections',
    'connection_limit_reached',
  ],
  maxConnectionsPerClient: [
    'maxConnectionsPerClient: 3',
    'client_connections_exceeded',
    '429 Too many connections of one client',
    undefined,
  ],
} as const;

for (const [key, [bounds, reason, status, error]] of Object.entries(CASES)) {
  // Attacks: bounded.
  t.test(`one connection more than ${key} is told so, whatever it asks for`, async (t) => {
    await using origin = await echoOrigin();
    await using proxy = await startProxy(yamlOf(bounded(bounds)));
    const open = await tunnels(proxy, 3, origin.port);
    for (const head of [
      `CONNECT origin.example:${origin.port} HTTP/1.1\r\nHost: x\r\n\r\n`,
      `GET http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`,
      `POST http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`,
    ]) {
      await using client = await RawClient.connect(proxy.port);
      client.send(head);
      const answer = await readAnswer(client);
      t.equal(answer.first, `HTTP/1.1 ${status} (t)`);
      t.equal(answer.fields['retry-after'], '1');
      t.equal(answer.fields.connection, 'close');
      client.end();
    }
    const records = await proxy.ended(3);
    for (const record of records) t.match(record, { reason, error, host: 'origin.example' });
    t.equal(proxy.refusedConnections, 3);
    for (const [index, client] of open.entries()) {
      client.send(`still here ${index}`);
      await client.expect(`still here ${index}`);
    }
    await endAll(open);
    await proxy.allClosed();
    await endAll(await tunnels(proxy, 3, origin.port));
    await proxy.ended(9);
  });
}

t.test('a silent connection makes room where the listener is full', async (t) => {
  await using origin = await echoOrigin();
  await using proxy = await startProxy(yamlOf(bounded('maxConnections: 2')));
  await using silent = await RawClient.connect(proxy.port);
  const [first] = await tunnels(proxy, 1, origin.port);
  await using early = await RawClient.connect(proxy.port);
  early.send('GET http://origin.example/ HTTP/1.1\r\nHost: x\r\n\r\n');
  t.match(await early.head(), /^HTTP\/1\.1 503 Too many connections/, 'it was silent for a moment only');
  early.end();
  await delay(1_050);
  const [second] = await tunnels(proxy, 1, origin.port);
  t.equal(await silent.rest(), '');
  await endAll([first, second] as RawClient[]);
  await proxy.ended(3);
  t.equal(proxy.refusedConnections, 1);
});

// Attacks: bounded.
t.test(
  'those who do not ask to be told wait no longer than a head may take, and only so many at a time',
  async (t) => {
    await using origin = await echoOrigin();
    await using proxy = await startProxy(
      yamlOf({ ...bounded('maxConnectionsPerClient: 1'), timeouts: '{ head: 300ms }' }),
    );
    const open = await tunnels(proxy, 1, origin.port);
    const silent = await Promise.all(Array.from({ length: 66 }, () => RawClient.connect(proxy.port)));
    for (const client of silent) t.equal(await client.rest(), '');
    t.equal(proxy.refusedConnections, 66);
    await endAll(open);
    t.equal((await proxy.ended(1)).length, 1, 'a connection without a byte is no transaction');
  },
);

t.test('a reload changes the bounds of a listener that stays', async (t) => {
  await using origin = await echoOrigin();
  await using proxy = await startProxy(yamlOf(bounded('maxConnections: 1')));
  const open = await tunnels(proxy, 1, origin.port);
  await proxy.proxy.adopt(
    await parseConfig(yamlOf(bounded('maxConnections: 1, maxConnectionsPerClient: 9'))),
  );
  await proxy.proxy.adopt(await parseConfig(yamlOf()));
  open.push(...(await tunnels(proxy, 2, origin.port)));
  await endAll(open);
  await proxy.ended(3);
  t.equal(proxy.refusedConnections, 0);
});
