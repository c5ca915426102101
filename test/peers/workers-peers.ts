/** One real supervisor with four real workers and its peers: how they do, and what they have room for, is one for the host. */
import process from 'node:process';
import t, { type Test } from 'tap';
import type { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { RawClient } from '../fixtures/client.ts';
import { type Origin, tcpOrigin } from '../fixtures/origin.ts';
import { owned } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { Traffic } from '../fixtures/traffic.ts';
import { metric, startWeir } from '../fixtures/weir.ts';
import { eventually } from '../fixtures/within.ts';
import { onEach, reload, startWorkers, workersOf } from '../fixtures/workers.ts';

t.setTimeout(120_000);

const WORKERS = 4;

const traffic = await Traffic.to(t);

/** Keys of a host whose way out is through these. */
function keysOf(peers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const named = Object.entries(peers).map(([name, keys]) => `${name}: { ${keys} }`);
  return {
    workers: String(WORKERS),
    peers: `{ ${named.join(', ')} }`,
    routes: `[{ name: out, peers: [${Object.keys(peers).join(', ')}] }]`,
  };
}

const at = ({ port }: { readonly port: number }): string => `address: "127.0.0.1:${port}"`;

async function statusOf(t: Test, weir: WeirProcess): Promise<number> {
  const client = owned(t, await RawClient.connect(weir.port));
  return Number((await client.tunnel(`origin.example:${traffic.echoPort}`)).split(' ')[1]);
}

function statusesOf(t: Test, weir: WeirProcess, count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, () => statusOf(t, weir)));
}

/** A peer that hears each CONNECT and breaks it off; the first ones together, as soon as there are so many. */
function breaking(t: Test, together = 1): Promise<Origin> {
  const asked: (() => void)[] = [];
  const begin = tcpOrigin((socket) => {
    socket.once('data', () => {
      asked.push(() => socket.resetAndDestroy());
      if (asked.length >= together) for (const reset of asked) reset();
    });
  });
  return begin.then((origin) => owned(t, origin));
}

t.test('what one worker finds out of a peer ejects it for all', async (t) => {
  const broken = await breaking(t, 5);
  const good = await startWeir(t, yamlOf());
  const weir = await startWorkers(t, keysOf({ p0: at(broken), p1: at(good) }));
  const [finder = 0, ...others] = workersOf(weir);
  for (const pid of others) process.kill(pid, 'SIGSTOP');
  try {
    await statusesOf(t, weir, 5);
  } finally {
    for (const pid of others) process.kill(pid, 'SIGCONT');
  }
  t.equal(broken.accepted, 5, 'one worker has tried');
  await weir.logged('Peer ejected: it fails too often');
  await weir.logged('Peer is down');
  t.equal(await metric(weir, 'weir_peer_ejections_total{peer="p0"}'), 1, 'one scrape tells it, once');
  t.equal(await metric(weir, 'weir_peer_failures_total{peer="p0",error="peer_terminated"}'), 5);
  t.equal(await metric(weir, 'weir_peer_up{peer="p0"}'), 0);
  process.kill(finder, 'SIGKILL');
  await weir.logged('Worker serves');
  t.same(new Set(await statusesOf(t, weir, 20)), new Set([200]));
  t.equal(broken.accepted, 5, 'nobody else tries it, nor the one that is new');
});

t.test('the second attempts of all workers are bounded together', async (t) => {
  const [p0, p1] = [await breaking(t), await breaking(t)];
  const weir = await startWorkers(t, keysOf({ p0: at(p0), p1: at(p1) }));
  const requests = 40;
  for (let left = requests; left > 0; left -= 10) await statusesOf(t, weir, 10);
  const attempts = p0.accepted + p1.accepted;
  t.ok(attempts > requests, 'there were some');
  t.ok(attempts <= requests + 10 + requests / 5, `${attempts - requests} were made`);
});

t.test('standby is that of the host: when it starts, when a worker dies, when it is changed', async (t) => {
  const [first, second] = [await silent(t), await silent(t)];
  const keys = (peer: Origin, standby: number) => keysOf({ p: `${at(peer)}, standby: ${standby}` });
  const weir = await startWorkers(t, keys(first.origin, 6));
  const waiting = (peer: Silent, count: number): Promise<void> =>
    eventually(() => peer.origin.sockets.size === count, `${count} connections to wait`);
  await waiting(first, 6);
  t.equal(await metric(weir, 'weir_peer_standby{peer="p"}'), 6, 'as the scrape has it');
  t.equal(first.most, 6, 'and there were never more');

  const [victim = 0] = workersOf(weir);
  process.kill(victim, 'SIGKILL');
  await weir.logged('Worker serves');
  await waiting(first, 6);
  t.equal(first.most, 6, 'nor when another worker took its place');

  await reload(weir, keys(first.origin, 3));
  await waiting(first, 3);
  await reload(weir, keys(second.origin, 5));
  await waiting(second, 5);
  await waiting(first, 0);
  t.equal(await metric(weir, 'weir_peer_standby{peer="p"}'), 5);
  t.equal(second.most, 5);
  weir.signal('SIGTERM');
  t.same(await weir.exited, { code: 0, signal: null });
  await waiting(second, 0);
});

interface Silent {
  readonly origin: Origin;
  /** Connections at the same time, so far. */
  readonly most: number;
}

async function silent(t: Test): Promise<Silent> {
  let most = 0;
  const origin = owned(
    t,
    await tcpOrigin((socket) => {
      most = Math.max(most, origin.sockets.size + 1);
      socket.resume().on('end', () => socket.end());
    }),
  );
  return {
    origin,
    get most() {
      return most;
    },
  };
}

t.test('the room that a worker had at a peer is free again when it is killed', async (t) => {
  const second = await startWeir(t, yamlOf());
  const weir = await startWorkers(t, keysOf({ p: `${at(second)}, maxTunnels: 8` }));
  const open = await onEach(weir, () => statusesOf(t, weir, 2));
  t.same(open.flat(), Array(8).fill(200));
  t.equal(await metric(weir, 'weir_peer_tunnels{peer="p"}'), 8, 'one scrape counts those of all');
  t.same(
    await onEach(weir, () => statusOf(t, weir)),
    Array(WORKERS).fill(503),
    'no worker has room for more',
  );
  const [victim = 0] = workersOf(weir);
  process.kill(victim, 'SIGKILL');
  await weir.logged('Worker serves');
  let more = 0;
  await eventually(async () => {
    more += (await statusesOf(t, weir, 4)).filter((status) => status === 200).length;
    return more >= 2;
  }, 'its room to be free');
  t.same(new Set(await statusesOf(t, weir, 8)), new Set([503]));
  t.equal(more, 2, 'it had two');
});
