/** One real supervisor with four real workers that count under one limit: it is the host's, whichever worker serves. */
import process from 'node:process';
import t, { type Test } from 'tap';
import { RawClient } from '../fixtures/client.ts';
import { awayFromMidnight } from '../fixtures/day.ts';
import { owned } from '../fixtures/owned.ts';
import { end, Traffic } from '../fixtures/traffic.ts';
import { metric } from '../fixtures/weir.ts';
import { eventually } from '../fixtures/within.ts';
import { onEach, startWorkers, workersOf } from '../fixtures/workers.ts';

t.setTimeout(120_000);

const WORKERS = 4;
const KIB = 1024;

/** Each limit with the address of the clients that it is for. Up to 15 of anything is lent one by one, so that it is exact. */
const LIMITS = {
  few: ['127.0.1.1', '{ per: source, requests: 1/h, burst: 10 }'],
  many: ['127.0.1.2', '{ per: source, requests: 1/h, burst: 40 }'],
  tunnels: ['127.0.1.3', '{ per: source, tunnels: 8 }'],
  day: ['127.0.1.4', '{ per: source, bytesPerDay: 400KiB }'],
  slow: ['127.0.1.5', '{ per: source, bandwidth: 2MiB/s }'],
  lent: ['127.0.1.6', '{ per: global, tunnels: 40 }'],
} as const;

type Name = keyof typeof LIMITS;

function yamlKeys(): Readonly<Record<string, string>> {
  const all = Object.entries(LIMITS);
  const lines = (line: (name: string, address: string, limit: string) => string): string =>
    all.map(([name, [address, limit]]) => line(name, address, limit)).join(', ');
  return {
    workers: String(WORKERS),
    acls: `{ ${lines((name, address) => `${name}: { src: [${address}] }`)} }`,
    limits: `{ ${lines((name, _, limit) => `${name}: ${limit}`)} }`,
    access: `[${lines((name) => `{ name: ${name}, allow: [${name}], limit: ${name} }`)}]`,
  };
}

const traffic = await Traffic.to(t);
const weir = await startWorkers(t, yamlKeys());
t.equal(workersOf(weir).length, WORKERS);

async function tryTunnel(t: Test, name: Name): Promise<{ client: RawClient; status: number }> {
  const client = owned(t, await RawClient.connect(weir.port, { from: LIMITS[name][0] }));
  const head = await client.tunnel(`origin.example:${traffic.echoPort}`);
  return { client, status: Number(head.split(' ')[1]) };
}

/** So many at the same time; those that were let through. */
async function tryTunnels(t: Test, name: Name, count: number): Promise<RawClient[]> {
  const tried = await Promise.all(Array.from({ length: count }, () => tryTunnel(t, name)));
  return tried.filter(({ status }) => status === 200).map(({ client }) => client);
}

function request(name: Name): Promise<number> {
  return traffic.statusOf(weir, { from: LIMITS[name][0] });
}

/** So many at the same time; how many were let through. */
async function requests(name: Name, count: number): Promise<number> {
  const statuses = await Promise.all(Array.from({ length: count }, () => request(name)));
  return statuses.filter((status) => status === 200).length;
}

const NOBODY = Array<number>(WORKERS).fill(429);

t.test('requests: exactly as many pass as the limit says, whichever worker serves', async (t) => {
  t.equal(await requests('few', 60), 10);
  t.same(await onEach(weir, () => request('few')), NOBODY, 'no worker has any left');
  t.equal(await metric(weir, 'weir_limit_hits_total{limit="few"}'), 54, 'one scrape counts for all');
});

t.test(
  'requests: what is lent in slices is never more than the limit, and in the end all of it',
  async (t) => {
    let passed = await requests('many', 100);
    t.ok(passed <= 40, `${passed} passed`);
    await eventually(async () => {
      passed += await requests('many', 4);
      return passed >= 40;
    }, 'what workers hold and do not use to go back');
    t.equal(passed, 40);
    t.same(await onEach(weir, () => request('many')), NOBODY);
  },
);

t.test('tunnels: as many at a time on the whole host, and what ends makes room for any worker', async (t) => {
  const open = (await onEach(weir, () => tryTunnels(t, 'tunnels', 2))).flat();
  t.equal(open.length, 8, 'two of each worker');
  const tried = await onEach(weir, async () => (await tryTunnel(t, 'tunnels')).status);
  t.same(tried, NOBODY, 'and none has room for more');
  // The first worker's.
  await end(open[0] as RawClient);
  const others = async (): Promise<readonly number[]> =>
    (await onEach(weir, () => tryTunnels(t, 'tunnels', 2))).map(({ length }) => length);
  let more = 0;
  await eventually(async () => {
    more += (await others()).reduce((sum, count) => sum + count);
    return more > 0;
  }, 'one to be free');
  t.equal(more, 1);
});

t.test('bytesPerDay: all workers together let no more pass than the limit says', async (t) => {
  await awayFromMidnight();
  const moved = (): number =>
    weir.records
      .filter(({ rule, event }) => rule === 'day' && event === 'end')
      .reduce((sum, { bytes_from_client, bytes_to_client }) => {
        return sum + Number(bytes_from_client) + Number(bytes_to_client);
      }, 0);
  const piece = Buffer.alloc(KIB, 'x');
  /** Moves small pieces until it is cut, so that little is beyond. @returns whether it began */
  const useUp = async (): Promise<boolean> => {
    const { client, status } = await tryTunnel(t, 'day');
    while (status === 200 && client.ending === 'open') {
      client.send(piece);
      await client.until(({ length }) => length >= piece.length).catch(() => {});
    }
    return status === 200;
  };
  const began = await onEach(weir, useUp);
  t.equal(began[0], true);
  await eventually(async () => {
    await useUp();
    return moved() >= 400 * KIB;
  }, 'what workers hold and do not use to go back');
  t.ok(moved() <= 440 * KIB, `${moved()} bytes were moved`);
  t.same(await onEach(weir, async () => (await tryTunnel(t, 'day')).status), NOBODY);
});

t.test('bandwidth: all workers together move no more than the limit allows', async (t) => {
  const clients = (await onEach(weir, () => tryTunnels(t, 'slow', 2))).flat();
  t.equal(clients.length, 8);
  const bytes = Buffer.alloc(200 * KIB, 'x');
  const beganMs = performance.now();
  await Promise.all(
    clients.map(async (client) => {
      client.send(bytes);
      await client.until(({ length }) => length >= bytes.length);
    }),
  );
  const tookMs = performance.now() - beganMs;
  // 3.1 MiB both ways; a fifth of a second's worth goes at once, and the last reads are paid for afterwards.
  t.ok(tookMs > 700, `3.1 MiB took ${tookMs} ms`);
});

t.test('tunnels: those of workers that die are free again', async (t) => {
  let open = (await onEach(weir, () => tryTunnels(t, 'lent', 8))).flat().length;
  await eventually(async () => {
    open += (await tryTunnels(t, 'lent', 4)).length;
    return open >= 40;
  }, 'all to be lent to who needs them');
  t.equal(open, 40);
  t.same(await onEach(weir, async () => (await tryTunnel(t, 'lent')).status), NOBODY);
  for (const pid of workersOf(weir)) process.kill(pid, 'SIGKILL');
  await weir.logged('Worker serves');
  t.ok((await tryTunnels(t, 'lent', 40)).length > 20, 'who takes their place has room');
});
