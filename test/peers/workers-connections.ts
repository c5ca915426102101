/** One real supervisor with four real workers: the connections of a listener are counted for the host, whichever worker has them. */
import process from 'node:process';
import t, { type Test } from 'tap';
import type { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { RawClient } from '../fixtures/client.ts';
import { owned } from '../fixtures/owned.ts';
import { Traffic } from '../fixtures/traffic.ts';
import { metric } from '../fixtures/weir.ts';
import { eventually } from '../fixtures/within.ts';
import { startWorkers, workersOf } from '../fixtures/workers.ts';

t.setTimeout(120_000);

const WORKERS = 4;
/** Up to 15 are lent one by one, so that it is exact. */
const OF_ALL = 12;
const OF_CLIENT = 5;

const CLIENTS = ['127.0.1.1', '127.0.1.2', '127.0.1.3'];

const traffic = await Traffic.to(t);
/** It counts its connections, and has none. */
async function start(t: Test): Promise<WeirProcess> {
  const bounds = `maxConnections: ${OF_ALL}, maxConnectionsPerClient: ${OF_CLIENT}`;
  const listeners = `[{ name: main, address: 127.0.0.1:0, ${bounds} }]`;
  const weir = await startWorkers(t, { workers: String(WORKERS), listeners });
  t.equal(workersOf(weir).length, WORKERS);
  return weir;
}

interface Trial {
  readonly t: Test;
  readonly weir: WeirProcess;
}

interface Tried {
  readonly client: RawClient;
  readonly status: number;
}

/** So many tunnels at the same time from one address. */
function tryFrom({ t, weir }: Trial, from: string, count: number): Promise<Tried[]> {
  const one = async (): Promise<Tried> => {
    const client = owned(t, await RawClient.connect(weir.port, { from }));
    const head = await client.tunnel(`origin.example:${traffic.echoPort}`);
    return { client, status: Number(head.split(' ')[1]) };
  };
  return Promise.all(Array.from({ length: count }, one));
}

function countOf(tried: readonly Tried[], status: number): number {
  return tried.filter((one) => one.status === status).length;
}

t.test('maxConnectionsPerClient and maxConnections are those of the host', async (t) => {
  const trial = { t, weir: await start(t) };
  const ofA = await tryFrom(trial, '127.0.1.1', 9);
  t.equal(countOf(ofA, 200), OF_CLIENT);
  t.equal(countOf(ofA, 429), 9 - OF_CLIENT);
  const ofB = await tryFrom(trial, '127.0.1.2', OF_CLIENT);
  t.equal(countOf(ofB, 200), OF_CLIENT, 'another client has as many');
  const ofC = await tryFrom(trial, '127.0.1.3', OF_CLIENT);
  t.equal(countOf(ofC, 200), OF_ALL - 2 * OF_CLIENT);
  t.equal(countOf(ofC, 503), OF_CLIENT - (OF_ALL - 2 * OF_CLIENT));
});

t.test('the places of a worker that is killed are free again', async (t) => {
  const weir = await start(t);
  const trial = { t, weir };
  const tried = (await Promise.all(CLIENTS.map((from) => tryFrom(trial, from, OF_CLIENT)))).flat();
  const open = tried.filter(({ status }) => status === 200);
  t.equal(open.length, OF_ALL);
  const [victim = 0] = workersOf(weir);
  process.kill(victim, 'SIGKILL');
  await weir.logged('Worker serves');
  const isBroken = ({ client }: Tried): boolean => client.ending !== 'open';
  await eventually(
    async () => open.filter(isBroken).length + (await openOf(weir)) === OF_ALL,
    'what the worker had to be gone',
  );
  const lost = open.filter(isBroken).length;
  let more = 0;
  await eventually(async () => {
    more += countOf((await Promise.all(CLIENTS.map((from) => tryFrom(trial, from, 1)))).flat(), 200);
    return more >= lost;
  }, 'its places to be free');
  t.equal(more, lost, `it had ${lost}`);
});

function openOf(weir: WeirProcess): Promise<number> {
  return metric(weir, 'weir_tunnels_open{listener="main"}');
}
