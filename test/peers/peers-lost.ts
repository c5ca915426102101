/** A first tier and two second tiers as real processes: one of these is killed, or full, and what clients see of it. */
import process from 'node:process';
import t, { type Test } from 'tap';
import { freePort } from '../../scripts/lib/ports.ts';
import type { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { RawClient } from '../fixtures/client.ts';
import { echoOrigin } from '../fixtures/origin.ts';
import { owned } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { say } from '../fixtures/traffic.ts';
import { metric, startWeir } from '../fixtures/weir.ts';
import { eventually } from '../fixtures/within.ts';

t.setTimeout(150_000);

const TUNNELS = 500;
const MORE = 100;
/** So many at a time are opened: a client of a test is dear. */
const AT_ONCE = 25;

/** On a port that nobody gets by chance when it is killed. */
async function startSecond(t: Test, name: string): Promise<WeirProcess> {
  const keys = {
    name,
    listeners: `[{ name: main, address: "127.0.0.1:${await freePort()}" }]`,
    acls: '{ near: { src: [127.0.0.0/8] } }',
    hop: '{ trust: { from: [near] } }',
  };
  return startWeir(t, yamlOf(keys));
}

interface First {
  readonly a: WeirProcess;
  readonly b: WeirProcess;
  readonly workers?: number;
  /** More keys of each peer. */
  readonly more?: string;
}

function startFirst(t: Test, { a, b, workers = 1, more = '' }: First): Promise<WeirProcess> {
  const peer = ({ port }: WeirProcess): string => `{ address: "127.0.0.1:${port}", hop: true${more} }`;
  return startWeir(
    t,
    yamlOf({
      name: 't1',
      workers: String(workers),
      // Longer than any client here waits: what flows has waited for none of them.
      timeouts: '{ connect: 1h, establish: 1h }',
      peers: `{ a: ${peer(a)}, b: ${peer(b)} }`,
      routes: '[{ name: out, peers: [a, b], balance: roundRobin }]',
    }),
  );
}

/** Opens so many tunnels, and proves that each carries bytes. */
async function openMany(
  t: Test,
  weir: WeirProcess,
  target: { port: number; count: number },
): Promise<readonly RawClient[]> {
  const clients: RawClient[] = [];
  const open = async (): Promise<void> => {
    const client = owned(t, await RawClient.connect(weir.port));
    const head = await client.tunnel(`origin.example:${target.port}`);
    if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(head);
    await say(client, 'hello');
    clients.push(client);
  };
  for (let left = target.count; left > 0; left -= AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, open));
  return clients;
}

/** A client that leaves when the other end has, as most do. */
function leaveWithPeer(client: RawClient): void {
  client.rest().then(
    () => client.end(),
    () => {},
  );
}

const tunnelsOf = (weir: WeirProcess): Promise<number> => metric(weir, 'weir_tunnels_open{listener="main"}');

for (const workers of [1, 4]) {
  // Attacks: no-direct.
  t.test(`a peer is killed with ${TUNNELS} tunnels open, by ${workers} workers`, async (t) => {
    const echo = owned(t, await echoOrigin());
    const [a, b] = [await startSecond(t, 't2a'), await startSecond(t, 't2b')];
    const first = await startFirst(t, { a, b, workers });
    const clients = await openMany(t, first, { port: echo.port, count: TUNNELS });
    t.equal((await tunnelsOf(a)) + (await tunnelsOf(b)), TUNNELS);
    const lost = await tunnelsOf(a);
    const kept = await tunnelsOf(b);
    t.ok(lost > TUNNELS / 3 && kept > TUNNELS / 3, `both had their share: ${lost} and ${kept}`);

    for (const client of clients) leaveWithPeer(client);
    a.signal('SIGKILL');
    const killedMs = performance.now();
    await openMany(t, first, { port: echo.port, count: AT_ONCE });
    // Not asserted: how long that takes is the machine's. Nobody waits for a clock, which is.
    t.comment(`${AT_ONCE} tunnels past the lost peer in ${Math.round(performance.now() - killedMs)} ms`);
    await openMany(t, first, { port: echo.port, count: MORE - AT_ONCE });
    t.equal(await tunnelsOf(b), kept + MORE, 'all of them through the other peer');
    t.equal(echo.accepted, TUNNELS + MORE, 'and the origin was dialled by nobody else');
    t.equal(await metric(first, 'weir_peer_up{peer="a"}'), 0);

    const ended = await first.ended(lost);
    t.equal(ended.length, lost, 'each tunnel of the killed peer has a record of its end, and no other has');
    t.ok(
      ended.every(({ peer, closed_by }) => peer === 'a' && closed_by === 'upstream'),
      'which says who ended it',
    );
    await eventually(async () => (await tunnelsOf(first)) === kept + MORE, 'the gauge to agree');
  });
}

t.test('peers are looked at once for a host, and their room is one for all workers', async (t) => {
  const echo = owned(t, await echoOrigin());
  const [a, b] = [await startSecond(t, 't2a'), await startSecond(t, 't2b')];
  const more = ', maxTunnels: 6, health: { interval: 200ms }';
  const first = await startFirst(t, { a, b, workers: 4, more });
  await eventually(async () => (await metric(first, 'weir_peer_authorised{peer="a"}')) === 1, 'a look');
  const [before, beganMs] = [await metric(a, 'weir_probes_total'), performance.now()];
  await openMany(t, first, { port: echo.port, count: 12 });
  await using one = await RawClient.connect(first.port);
  t.match(await one.tunnel(`origin.example:${echo.port}`), /^HTTP\/1\.1 503 Every peer is full/);
  t.equal((await tunnelsOf(a)) + (await tunnelsOf(b)), 12);
  await eventually(async () => (await metric(a, 'weir_probes_total')) >= before + 5, 'more looks');
  const looks = (await metric(a, 'weir_probes_total')) - before;
  t.ok(looks <= (performance.now() - beganMs) / 160 + 1, `${looks} looks are those of one process`);
  process.kill(a.pid, 'SIGKILL');
  await eventually(async () => (await metric(first, 'weir_peer_reachable{peer="a"}')) === 0, 'a look');
  t.equal(await metric(first, 'weir_peer_up{peer="a"}'), 0, 'all workers know it, and no client has asked');
});
