/** Limits that two Weirs count in one real Redis: exactly while it is there, each its own while it is away or too slow. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { RawClient } from '../fixtures/client.ts';
import { awayFromMidnight } from '../fixtures/day.ts';
import { owned } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { Redis } from '../fixtures/redis.ts';
import { type Issued, Issuer } from '../fixtures/tls.ts';
import { needTool } from '../fixtures/tools.ts';
import { Traffic } from '../fixtures/traffic.ts';
import { metric, startWeir } from '../fixtures/weir.ts';
import { eventually } from '../fixtures/within.ts';

t.setTimeout(120_000);

const PASSWORD = 'a-password-of-redis';
const traffic = await Traffic.to(t);
const program = await needTool(t, 'redis-server');

const LIMITS = {
  tunnels: ['127.0.1.1', '{ per: source, tunnels: 4 }'],
  requests: ['127.0.1.2', '{ per: source, requests: 1/h, burst: 6 }'],
  day: ['127.0.1.3', '{ per: source, bytesPerDay: 1KiB }'],
  slow: ['127.0.1.5', '{ per: source, bandwidth: 1MiB/s }'],
  many: ['127.0.1.4', '{ per: source, requests: 1/h, burst: 100 }'],
} as const;
type Name = keyof typeof LIMITS;

function keysFor(store: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const all = Object.entries(LIMITS);
  const lines = (line: (name: string, address: string, limit: string) => string): string =>
    all.map(([name, [address, limit]]) => line(name, address, limit)).join(', ');
  return {
    acls: `{ ${lines((name, address) => `${name}: { src: [${address}] }`)} }`,
    limits: `{ store: { redis: ${store} }, ${lines((name, _, limit) => `${name}: ${limit}`)} }`,
    access: `[${lines((name) => `{ name: ${name}, allow: [${name}], limit: ${name} }`)}]`,
    ...more,
  };
}

function untilUp(weir: WeirProcess, isUp: boolean): Promise<void> {
  return eventually(
    async () => (await metric(weir, 'weir_limit_store_up{store="redis"}')) === Number(isUp),
    `Redis to ${isUp ? 'count' : 'count no more'}`,
  );
}

async function startPair(
  t: Test,
  store: string,
  more: Readonly<Record<string, string>> = {},
): Promise<readonly [WeirProcess, WeirProcess]> {
  const pair = [
    await startWeir(t, yamlOf(keysFor(store, more))),
    await startWeir(t, yamlOf(keysFor(store, more))),
  ] as const;
  for (const weir of pair) await untilUp(weir, true);
  return pair;
}

interface Tried {
  readonly client: RawClient;
  readonly status: number;
}

async function tryTunnel(t: Test, weir: WeirProcess, name: Name): Promise<Tried> {
  const client = owned(t, await RawClient.connect(weir.port, { from: LIMITS[name][0] }));
  return {
    client,
    status: Number((await client.tunnel(`origin.example:${traffic.echoPort}`)).split(' ')[1]),
  };
}

/** Tries by turns; how many were let through. */
async function tunnels(
  t: Test,
  pair: readonly WeirProcess[],
  { name, count }: { name: Name; count: number },
) {
  const open: RawClient[] = [];
  for (let at = 0; at < count; at += 1) {
    const { client, status } = await tryTunnel(t, pair[at % pair.length] as WeirProcess, name);
    if (status === 200) open.push(client);
    else t.equal(status, 429);
  }
  return open;
}

async function passed(t: Test, weir: WeirProcess, { name, count }: { name: Name; count: number }) {
  const asked = Array.from({ length: count }, () => traffic.statusOf(weir, { from: LIMITS[name][0] }));
  const statuses = await Promise.all(asked);
  t.same([...new Set([200, 429, ...statuses])], [200, 429], 'each is answered by its limit');
  return statuses.filter((status) => status === 200).length;
}

/** So many bytes there and back. */
async function echo(client: RawClient, bytes: number): Promise<void> {
  client.send('x'.repeat(bytes));
  await client.until(({ length }) => length >= bytes);
}

function told(weir: WeirProcess, msg: RegExp): number {
  return weir.log.filter((line) => msg.test(line.msg)).length;
}

const COUNTS = /^Redis counts the limits/;
const AWAY = /^Redis does not count the limits/;
const AWAY_LINE = 'Redis does not count the limits, each host counts its share until it is back';

for (const workers of ['1', '2']) {
  t.test(`workers: ${workers}: two Weirs share every limit, also when Redis has lost all`, async (t) => {
    if (program === undefined) return;
    const redis = await Redis.start(t, program);
    const pair = await startPair(t, `{ url: "${redis.url}", timeout: 5s }`, { workers });
    t.equal(await passed(t, pair[0], { name: 'requests', count: 4 }), 4);
    t.equal(await passed(t, pair[1], { name: 'requests', count: 4 }), 2, 'six in all');
    const open = await tunnels(t, pair, { name: 'tunnels', count: 8 });
    t.equal(open.length, 4, 'four in all');
    await open.pop()?.[Symbol.asyncDispose]();
    await eventually(
      async () => (await tunnels(t, [pair[1]], { name: 'tunnels', count: 1 })).length === 1,
      'what one has given back the other gets',
    );
    await awayFromMidnight();
    const { client } = await tryTunnel(t, pair[0], 'day');
    client.send('x'.repeat(2048));
    await client.rest();
    t.equal((await tryTunnel(t, pair[1], 'day')).status, 429, 'bytes of the day are those of all');
    await redis.kill();
    for (const weir of pair) await passed(t, weir, { name: 'many', count: 2 });
    for (const weir of pair) await untilUp(weir, false);
    t.equal(await passed(t, pair[0], { name: 'requests', count: 8 }), 6, 'each counts for itself');
    await redis.begin();
    for (const weir of pair) await untilUp(weir, true);
    t.same(await tunnels(t, pair, { name: 'tunnels', count: 4 }), [], 'what is open counts again');
    t.equal(await passed(t, pair[0], { name: 'many', count: 60 }), 60);
    t.ok((await passed(t, pair[1], { name: 'many', count: 60 })) <= 40, 'exactly again');
    for (const weir of pair) {
      await eventually(() => told(weir, AWAY) >= Number(workers), 'each process to tell of it');
      t.equal(told(weir, AWAY), Number(workers), 'once');
    }
  });
}

t.test('a Redis that stands still makes nobody wait, and counts again when it goes on', async (t) => {
  if (program === undefined) return;
  const redis = await Redis.start(t, program);
  const weir = await startWeir(t, yamlOf(keysFor(`{ url: "${redis.url}" }`)));
  await untilUp(weir, true);
  redis.stall();
  t.equal(await passed(t, weir, { name: 'requests', count: 8 }), 6, 'the insurance answers');
  await untilUp(weir, false);
  redis.goOn();
  await untilUp(weir, true);
  await eventually(() => told(weir, COUNTS) >= 2, 'that to be told');
});

t.test('bandwidth is shared by all', async (t) => {
  if (program === undefined) return;
  const redis = await Redis.start(t, program);
  const pair = await startPair(t, `{ url: "${redis.url}", timeout: 5s }`);
  const open = await tunnels(t, pair, { name: 'slow', count: 2 });
  const begun = performance.now();
  await Promise.all(open.map((client) => echo(client, 1024 * 1024)));
  const seconds = (performance.now() - begun) / 1000;
  // Four MiB there and back, but for what may go at once, and the last reads, which are paid for afterwards. Each alone: two.
  t.ok(seconds > 2.4, `${seconds} s`);
});

// Attacks: secrets.
t.test(
  'with a wrong password the insurance counts, and the right one is read without a restart',
  async (t) => {
    if (program === undefined) return;
    const redis = await Redis.start(t, program, ['--requirepass', PASSWORD]);
    const file = join(t.testdir({ password: 'wrong-one\n' }), 'password');
    const weir = await startWeir(t, yamlOf(keysFor(`{ url: "${redis.url}", passwordFile: "${file}" }`)));
    await weir.logged(AWAY_LINE);
    t.match(weir.log.find(({ msg }) => AWAY.test(msg))?.why, /WRONGPASS/);
    t.equal(await passed(t, weir, { name: 'requests', count: 8 }), 6);
    writeFileSync(file, `${PASSWORD}\n`);
    await untilUp(weir, true);
    t.equal(told(weir, AWAY), 1);
    t.notMatch(weir.stderr, /wrong-one|a-password-of-redis/);
  },
);

t.test('by TLS it counts, and not where the certificate is of another authority or name', async (t) => {
  if (program === undefined) return;
  const issuer = owned(t, await Issuer.open());
  const stranger = owned(t, await Issuer.open());
  const tls = ({ certFile, keyFile }: Issued): readonly string[] => [
    ...['--tls-cert-file', certFile, '--tls-key-file', keyFile],
    ...['--tls-ca-cert-file', issuer.caFile, '--tls-auth-clients', 'no'],
  ];
  const redis = await Redis.start(t, program, tls(await issuer.issue('redis', { names: 'IP:127.0.0.1' })));
  const other = await Redis.start(t, program, tls(await issuer.issue('other')));
  const start = (store: string): Promise<WeirProcess> => startWeir(t, yamlOf(keysFor(store)));
  await untilUp(await start(`{ url: "${redis.url}", caFile: ${issuer.caFile}, timeout: 5s }`), true);
  for (const store of [
    `{ url: "${redis.url}", caFile: ${stranger.caFile} }`,
    `{ url: "${other.url}", caFile: ${issuer.caFile} }`,
  ]) {
    const weir = await start(store);
    await weir.logged(AWAY_LINE);
    t.match(weir.log.find(({ msg }) => AWAY.test(msg))?.why, /certificate|altnames/i);
  }
});
