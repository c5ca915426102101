/**
 * Everything at once, by chance: whatever clients and origins do, each transaction has one final record, every socket is
 * closed, every buffer given back, and nobody is left waiting.
 */
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { Outcome } from '#errors.ts';
import type { RecordEntry } from '#record/entry.ts';
import { type Chain, startChain, through } from '../fixtures/chain.ts';
import { type Chance, chanceOf } from '../fixtures/chance.ts';
import { RawClient } from '../fixtures/client.ts';
import { LEAVINGS, MOODS, moodyOrigin, somethingFrom } from '../fixtures/moody-origin.ts';
import type { TestProxy } from '../fixtures/proxy.ts';
import { closedPort } from '../fixtures/sockets.ts';
import { eventually, within } from '../fixtures/within.ts';

const CLIENTS = 300;
const AT_A_TIME = 20;
const OUTCOMES: ReadonlySet<Outcome | undefined> = new Set<Outcome>([
  'completed',
  'denied',
  'failed',
  'client_gone',
  'drained',
]);

const KEYS = {
  acls: '{ near: { src: [127.0.0.0/8] }, secret: { dstDomains: [secret.example] } }',
  access: '[{ name: secret, deny: [secret] }, { name: rest, allow: [all] }]',
  dns: '{ hostsFile: none, servers: ["127.0.0.1:9"], timeout: 50ms, hosts: { origin.example: 127.0.0.1 } }',
};

interface Ports {
  readonly origin: number;
  readonly closed: number;
}

/** One request, of any kind. */
function requestOf(chance: Chance, { origin, closed }: Ports): string {
  const mood = chance.pick(Object.keys(MOODS));
  const host = chance.pick([
    ...Array<string>(6).fill(`origin.example:${origin}`),
    `origin.example:${closed}`,
    'secret.example:80',
    'no.such.example:80',
  ]);
  const body = 'b'.repeat(chance.below(2000));
  return chance.pick([
    `GET http://${host}/${mood} HTTP/1.1\r\nHost: x\r\n\r\n`,
    `GET http://${host}/${mood} HTTP/1.1\r\nHost: x\r\n\r\n`,
    `HEAD http://${host}/none HTTP/1.1\r\nHost: x\r\n\r\n`,
    `GET http://${host}/${mood} HTTP/1.0\r\n\r\n`,
    `POST http://${host}/${mood} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    `POST http://${host}/${mood} HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n${body}`,
    `POST http://${host}/${mood} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
    `PUT http://${host}/${mood} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc`,
    `CONNECT ${host} HTTP/1.1\r\nHost: x\r\n\r\ntunnel`,
    `CONNECT ${host} HTTP/1.1\r\nHost: x\r\n\r\n`,
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    'NONSENSE\r\n\r\n',
    `POST http://${host}/${mood} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
    `GET http://${host}/${mood} HT`,
  ]);
}

/** One client: some requests, pipelined or one by one, and then it leaves in some manner at some moment. */
async function visit(port: number, chance: Chance, ports: Ports): Promise<void> {
  await using client = await RawClient.connect(port);
  const requests = Array.from({ length: 1 + chance.below(3) }, () => requestOf(chance, ports));
  const leave = chance.pick(LEAVINGS);
  const isPatient = chance.below(2) === 0;
  for (const request of requests) {
    if (client.socket.destroyed) return;
    client.send(request);
    if (isPatient) await somethingFrom(client, 'data');
    else await delay(chance.below(8));
  }
  leave(client);
  // One that only ended goes on reading for a while.
  await somethingFrom(client, 'close');
}

/** Counts the transactions that begin from now on. */
function countBegun({ proxy }: TestProxy): () => number {
  const { drain } = proxy.context;
  const begin = drain.begin.bind(drain);
  let count = 0;
  drain.begin = (transaction) => {
    count += 1;
    begin(transaction);
  };
  return () => count;
}

/** What must hold of every proxy when all is over. */
async function assertAtRest(t: Test, { tiers }: Chain, begun: readonly (() => number)[]): Promise<void> {
  for (const [index, { proxy, records, allClosed }] of tiers.entries()) {
    const { drain, tools } = proxy.context;
    const isQuiet = (): boolean => drain.active === 0 && tools.ledger.open('client') === 0;
    await eventually(isQuiet, 'every transaction and every client to end');
    t.equal(await proxy.drain(), true);
    await allClosed();
    const { opened, closed } = tools.ledger;
    t.same(opened, closed, 'every socket that was opened is closed');
    t.ok(Math.min(opened.client, opened.upstream) >= 20, 'there were many');
    t.equal(tools.pool.lent, 0, 'every buffer is back');
    for (const [listener, count] of drain.tunnels) t.equal(count, 0, listener);
    const ends = records.filter(({ event }) => event === 'end');
    t.equal(ends.length, begun[index]?.(), 'as many final records as transactions that began');
    assertRecords(t, records);
  }
}

function assertRecords(t: Test, records: readonly RecordEntry[]): void {
  const ends = records.filter(({ event }) => event === 'end');
  const ids = ends.map(({ transactionId }) => transactionId);
  t.equal(new Set(ids).size, ids.length, 'none twice');
  t.same(
    records.filter(({ event, transactionId }) => event === 'open' && !ids.includes(transactionId)),
    [],
    'no tunnel without an end',
  );
  t.same(
    ends.filter(({ outcome }) => !OUTCOMES.has(outcome)),
    [],
    'each has an outcome of the closed set',
  );
  t.same(
    ends.filter(({ reason, outcome }) => (reason === undefined) !== (outcome === 'completed')),
    [],
    'and a reason unless all went well',
  );
  t.same(
    ends.filter(({ reason }) => reason === 'internal_error'),
    [],
  );
}

for (const [seed, length] of [
  [20_261, 1],
  [717, 1],
  [42, 2],
] as const) {
  // Attacks: recorded-once, both-closed.
  t.test(`${CLIENTS} clients, seed ${seed}, ${through(length)}`, async (t) => {
    const faults: unknown[] = [];
    const onFault = (fault: unknown): void => void faults.push(fault);
    process.on('unhandledRejection', onFault);
    t.teardown(() => process.off('unhandledRejection', onFault));
    const chance = chanceOf(seed);
    await using origin = await moodyOrigin(chance);
    const ports = { origin: origin.port, closed: await closedPort() };
    await using chain = await startChain(length, KEYS);
    const begun = chain.tiers.map(countBegun);
    let left = CLIENTS;
    const visitor = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        await visit(chain.port, chance, ports);
      }
    };
    await within(Promise.all(Array.from({ length: AT_A_TIME }, visitor)), () => 'all clients', 60_000);
    await assertAtRest(t, chain, begun);
    const outcomes = new Set(chain.tiers.flatMap(({ records }) => records.map(({ outcome }) => outcome)));
    for (const outcome of ['completed', 'denied', 'failed', 'client_gone'] as const) {
      t.ok(outcomes.has(outcome), `some were ${outcome}`);
    }
    t.same(faults, []);
  });
}
