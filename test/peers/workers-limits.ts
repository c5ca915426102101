/** One real supervisor with two real workers that count under one limit: it is the host's, whichever worker serves. */
import process from 'node:process';
import t, { type Test } from 'tap';
import type { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { RawClient } from '../fixtures/client.ts';
import { owned } from '../fixtures/owned.ts';
import { end, Traffic } from '../fixtures/traffic.ts';
import { metric } from '../fixtures/weir.ts';
import { eventually } from '../fixtures/within.ts';
import { startWorkers, workersOf } from '../fixtures/workers.ts';

t.setTimeout(120_000);

const traffic = await Traffic.to(t);

function limited(limit: string): Readonly<Record<string, string>> {
  return { limits: `{ few: ${limit} }`, access: '[{ name: some, allow: [all], limit: few }]' };
}

async function tryTunnel(t: Test, weir: WeirProcess): Promise<{ client: RawClient; status: number }> {
  const client = owned(t, await RawClient.connect(weir.port));
  const head = await client.tunnel(`origin.example:${traffic.echoPort}`);
  return { client, status: Number(head.split(' ')[1]) };
}

/** So many at the same time; those that were let through. */
async function tryTunnels(t: Test, weir: WeirProcess, count: number): Promise<RawClient[]> {
  const tried = await Promise.all(Array.from({ length: count }, () => tryTunnel(t, weir)));
  return tried.filter(({ status }) => status === 200).map(({ client }) => client);
}

t.test('requests: a small limit lets exactly as many pass as it says, whichever worker serves', async (t) => {
  const weir = await startWorkers(t, limited('{ per: source, requests: 1/h, burst: 10 }'));
  const statuses = await Promise.all(Array.from({ length: 60 }, () => traffic.statusOf(weir)));
  const passed = statuses.filter((status) => status === 200).length;
  t.ok(passed <= 10, `${passed} passed`);
  // A worker may hold two that the other would have needed, until they go back.
  t.ok(passed >= 8, `${passed} passed`);
  let total = passed;
  await eventually(async () => {
    if ((await traffic.statusOf(weir)) === 200) total += 1;
    return total === 10;
  }, 'the last of them to go back');
  t.equal(await traffic.statusOf(weir), 429);
  t.ok((await metric(weir, 'weir_limit_hits_total{limit="few"}')) >= 50, 'one scrape counts for all');
});

t.test('tunnels: as many at a time on the whole host, and what ends makes room for any worker', async (t) => {
  const weir = await startWorkers(t, limited('{ per: source, tunnels: 4 }'));
  const open = await tryTunnels(t, weir, 40);
  t.equal(open.length, 4);
  t.equal((await tryTunnels(t, weir, 10)).length, 0);
  const [first] = open;
  await end(first as RawClient);
  await eventually(async () => (await tryTunnels(t, weir, 4)).length === 1, 'one to be free');
  t.equal((await tryTunnels(t, weir, 10)).length, 0);
});

t.test('tunnels: those of a worker that dies are free again', async (t) => {
  const weir = await startWorkers(t, limited('{ per: global, tunnels: 20 }'));
  let open = (await tryTunnels(t, weir, 40)).length;
  t.ok(open <= 20, `${open} are open`);
  await eventually(async () => {
    open += (await tryTunnels(t, weir, 4)).length;
    return open >= 20;
  }, 'all to be lent to who needs them');
  t.equal(open, 20);
  for (const pid of workersOf(weir)) process.kill(pid, 'SIGKILL');
  await eventually(async () => (await tryTunnels(t, weir, 1)).length === 1, 'another worker to have room');
});

t.test('bandwidth: two workers together move no more than the limit allows', async (t) => {
  const weir = await startWorkers(t, limited('{ per: source, bandwidth: 2MiB/s }'));
  const clients = await tryTunnels(t, weir, 8);
  const bytes = Buffer.alloc(200 * 1024, 'x');
  const beganMs = performance.now();
  await Promise.all(
    clients.map(async (client) => {
      client.send(bytes);
      await client.until(({ length }) => length >= bytes.length);
    }),
  );
  const tookMs = performance.now() - beganMs;
  // 3.1 MiB both ways; a fifth of a second's worth goes at once, and the last reads are paid for afterwards.
  t.ok(tookMs > 700 && tookMs < 8000, `3.1 MiB took ${tookMs} ms`);
});
