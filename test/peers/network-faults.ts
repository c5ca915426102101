/**
 * What networks do to packets, by a real kernel: a peer, or an address of a target, that is dark, connections that are reset, and
 * loss. Who dialled the origin is told by the packets themselves: each peer dials from an address of its own.
 */
import { randomBytes } from 'node:crypto';
import t from 'tap';
import { type Network, ownNetwork } from '../fixtures/network.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { Stopwatch } from '../fixtures/stopwatch.ts';
import { A, B, Stage, startSecond } from '../fixtures/two-peers.ts';
import { metric, startWeir } from '../fixtures/weir.ts';
import { eventually } from '../fixtures/within.ts';

t.setTimeout(150_000);

/** An address of the origin at which nobody is. */
const DARK = '127.0.0.21';
/** All that goes to `address` and comes from it. */
const around = (address: string): string[] => [`ip daddr ${address}`, `ip saddr ${address}`];

/** Long beyond `connect`, for machines that are busy; and well before `establish`, which would end it. */
const CONNECT_MS = 1_000;
const SOON_MS = 6_000;

async function playIn(network: Network): Promise<void> {
  const stage = new Stage(network, [await startSecond(t, A), await startSecond(t, B)]);
  tellsDirect(stage);
  darkPeer(stage);
  darkWarmPeer(stage);
  resetPeer(stage);
  lossyPeer(stage);
  darkAddress(stage);
}

/** Without it the others would prove nothing. */
function tellsDirect(stage: Stage): void {
  t.test('a dial that goes direct is seen', async (t) => {
    await stage.begin(t);
    const before = await stage.dials();
    const weir = await startWeir(t, yamlOf());
    await stage.open(t, weir, 1);
    t.same(await stage.dials(), { ...before, direct: before.direct + 1 });
  });
}

function darkPeer(stage: Stage): void {
  t.test('a peer goes dark: all go through the other one, and none goes direct', async (t) => {
    const first = await stage.startFirst(t, '', { workers: '4' });
    const open = await stage.open(t, first, 16);
    const before = await stage.dials();
    await stage.network.befall(around(A));
    using watch = new Stopwatch();
    const more = await stage.open(t, first, 120);
    t.ok(watch.ms < SOON_MS, `the time to connect is ${CONNECT_MS} ms, and it took ${watch.ms} ms`);
    t.ok((await stage.network.packets('faulty')) > 0, 'some were sent to the peer in vain');
    t.same(await stage.dials(), { ...before, byB: before.byB + more.length });
    t.equal(await metric(first, 'weir_peer_up{peer="a"}'), 0);
    t.equal(await metric(first, 'weir_peer_up{peer="b"}'), 1);
    const ofA = first.records.filter(({ event, peer }) => event === 'open' && peer === 'a').length;
    t.ok(ofA > 0 && ofA < open.length, `both had their share before, ${ofA} are of the dark one`);

    for (const client of open) client.send('in the dark');
    await stage.network.befall([]);
    for (const client of open) await client.expect('in the dark');
    t.pass('those that were open lost nothing when it was light again');
    t.same(await first.ended(0), [], 'and none has ended');
  });
}

function darkWarmPeer(stage: Stage): void {
  t.test('a peer goes dark for which connections wait: nobody waits for it', async (t) => {
    const first = await stage.startFirst(t, ', standby: 3');
    const areReady = async (): Promise<boolean> =>
      (await metric(first, 'weir_peer_standby{peer="a"}')) === 3 &&
      (await metric(first, 'weir_peer_standby{peer="b"}')) === 3;
    await eventually(areReady, 'connections to wait');
    const before = await stage.dials();
    await stage.network.befall(around(A));
    using watch = new Stopwatch();
    for (let round = 0; round < 3; round += 1) await stage.open(t, first, 6);
    t.ok(watch.ms < SOON_MS, `the time to connect is ${CONNECT_MS} ms, and it took ${watch.ms} ms`);
    t.same(await stage.dials(), { ...before, byB: before.byB + 18 });
    await eventually(
      async () => (await metric(first, 'weir_peer_standby{peer="a"}')) === 0,
      'what is dead to be let go',
    );
  });
}

function resetPeer(stage: Stage): void {
  t.test('connections to a peer are reset: theirs end recorded, others go elsewhere', async (t) => {
    const first = await stage.startFirst(t);
    const open = await stage.open(t, first, 8);
    const before = await stage.dials();
    await stage.network.befall([`ip daddr ${A} meta l4proto tcp`], 'reject with tcp reset');
    for (const client of open) client.send('anybody?');
    const ended = await first.ended(4);
    // The first alone: of several at the same time each could find out for itself.
    for (const count of [1, 7]) await stage.open(t, first, count);
    t.same(await stage.dials(), { ...before, byB: before.byB + 8 });
    t.equal(ended.length, 4, 'those of the peer');
    for (const record of ended) t.match(record, { peer: 'a', closed_by: 'upstream', outcome: 'failed' });
    t.match(await metric(first, 'weir_peer_failures_total{peer="a",error="peer_unavailable"}'), 1);
  });

  t.test('a peer takes connections and resets them when it is asked', async (t) => {
    const first = await stage.startFirst(t);
    const before = await stage.dials();
    const asked = `ip daddr ${A} tcp flags & psh == psh`;
    await stage.network.befall([asked], 'reject with tcp reset');
    await stage.open(t, first, 8);
    t.same(await stage.dials(), { ...before, byB: before.byB + 8 });
    t.ok((await metric(first, 'weir_peer_failures_total{peer="a",error="peer_terminated"}')) >= 1);
  });
}

function lossyPeer(stage: Stage): void {
  t.test('every fifth packet is lost: tunnels are slow, and carry each byte', async (t) => {
    const first = await stage.startFirst(t, '', {
      routes: '[{ name: out, peers: [a] }]',
      timeouts: '{ connect: 20s, establish: 30s }',
    });
    const before = await stage.network.packets('faulty');
    await stage.network.befall(around(A).map((match) => `${match} meta l4proto tcp numgen inc mod 5 == 0`));
    const clients = await stage.open(t, first, 6);
    const carried = clients.map(async (client) => {
      const sent = randomBytes(100_000);
      client.send(sent);
      client.end();
      return Buffer.from(await client.rest(), 'latin1').equals(sent);
    });
    t.same(await Promise.all(carried), Array(clients.length).fill(true));
    t.ok((await stage.network.packets('faulty')) - before > 10);
    const ended = await first.ended(clients.length);
    t.ok(ended.every(({ outcome, peer }) => outcome === 'completed' && peer === 'a'));
  });
}

function darkAddress(stage: Stage): void {
  t.test(
    'two addresses of a target are dark, one of each version: the third is not waited for',
    async (t) => {
      await stage.begin(t);
      const hosts = `{ origin.example: ["::1", ${DARK}, 127.0.0.1] }`;
      const weir = await startWeir(
        t,
        yamlOf({
          dns: `{ hostsFile: none, servers: [127.0.0.1:9], hosts: ${hosts} }`,
          timeouts: '{ connect: 8s }',
        }),
      );
      await stage.network.befall([`ip daddr ${DARK}`, `ip6 daddr ::1 tcp dport ${stage.echoPort}`]);
      t.teardown(() => stage.network.befall([]));
      const before = await stage.network.packets('faulty');
      await stage.open(t, weir, 1);
      const lost = await stage.network.packets('faulty');
      t.ok(lost - before >= 2, 'both were tried');
      const { upstream_ip, connect_ms } = await weir.record(({ event }) => event === 'open');
      t.equal(upstream_ip, '127.0.0.1');
      t.ok(Number(connect_ms) >= 500 && Number(connect_ms) < 7_000, `${connect_ms} ms`);
      await stage.open(t, weir, 4);
      t.equal(await stage.network.packets('faulty'), lost, 'and none is tried from then on');
    },
  );
}

const network = await ownNetwork(t, import.meta.filename);
if (network !== undefined) await playIn(network);
