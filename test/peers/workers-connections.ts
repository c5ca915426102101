/** One real supervisor with four real workers: the connections of a listener are counted for the host, whichever worker has them. */
import t, { type Test } from 'tap';
import { RawClient } from '../fixtures/client.ts';
import { owned } from '../fixtures/owned.ts';
import { Traffic } from '../fixtures/traffic.ts';
import { startWorkers, workersOf } from '../fixtures/workers.ts';

t.setTimeout(120_000);

const WORKERS = 4;
/** Up to 15 are lent one by one, so that it is exact. */
const OF_ALL = 12;
const OF_CLIENT = 5;

const traffic = await Traffic.to(t);
const weir = await startWorkers(t, {
  workers: String(WORKERS),
  listeners: `[{ name: main, address: 127.0.0.1:0, maxConnections: ${OF_ALL}, maxConnectionsPerClient: ${OF_CLIENT} }]`,
});
t.equal(workersOf(weir).length, WORKERS);

interface Tried {
  readonly client: RawClient;
  readonly status: number;
}

/** So many tunnels at the same time from one address. */
function tryFrom(t: Test, from: string, count: number): Promise<Tried[]> {
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
  const ofA = await tryFrom(t, '127.0.1.1', 9);
  t.equal(countOf(ofA, 200), OF_CLIENT);
  t.equal(countOf(ofA, 429), 9 - OF_CLIENT);
  const ofB = await tryFrom(t, '127.0.1.2', OF_CLIENT);
  t.equal(countOf(ofB, 200), OF_CLIENT, 'another client has as many');
  const ofC = await tryFrom(t, '127.0.1.3', OF_CLIENT);
  t.equal(countOf(ofC, 200), OF_ALL - 2 * OF_CLIENT);
  t.equal(countOf(ofC, 503), OF_CLIENT - (OF_ALL - 2 * OF_CLIENT));
});
