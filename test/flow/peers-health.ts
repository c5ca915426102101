/** Looks at peers: what a second tier answers itself, to whom, and what the first tier makes of it. */
import t from 'tap';
import { GONE } from '#peer/sight.ts';
import { freePort } from '../../scripts/lib/ports.ts';
import { startFirstTier, startSecondTier } from '../fixtures/chain.ts';
import { RawClient } from '../fixtures/client.ts';
import { echoOrigin, rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { eventually } from '../fixtures/within.ts';

const PROBE = 'CONNECT probe.weir.invalid:443 HTTP/1.1\r\nHost: probe.weir.invalid:443\r\n\r\n';

/** A first tier that looks at its peer all the time. */
function startLooking(port: number, keys = '', hop = true): Promise<TestProxy> {
  return startProxy(
    yamlOf({
      name: 't1',
      peers: `{ p0: { address: 127.0.0.1:${port}, hop: ${hop}, health: { interval: 20ms${keys} } } }`,
      routes: '[{ name: out, peers: [p0] }]',
    }),
  );
}

function peerOf(proxy: TestProxy) {
  const peer = proxy.proxy.context.generation.peers.get('p0');
  if (peer === undefined) throw new Error('No peer');
  return peer;
}

t.test('a second tier answers a look itself: no record, no dial, but counted', async (t) => {
  await using t2 = await startSecondTier();
  await using t1 = await startLooking(t2.port);
  await eventually(() => t2.probes.length >= 3, 'looks to come');
  t.same(peerOf(t1).sight, { reachable: true, authorised: true, egress: undefined });
  t.same(t2.records, []);
  t.same(t1.records, []);
  t.equal(t2.proxy.context.tools.ledger.opened.upstream, 0);
  await using client = await RawClient.connect(t2.port);
  client.send(PROBE);
  t.match(await client.rest(), /^HTTP\/1\.1 200 [^\r]*\r\nProxy-Status: t2\r\n\r\n$/);
});

t.test('whoever is no hop of ours asks for a name like any other', async (t) => {
  await using proxy = await startProxy(yamlOf({ access: '[{ name: few, deny: [all] }]' }));
  await using client = await RawClient.connect(proxy.port);
  client.send(PROBE);
  t.match(await client.rest(), /^HTTP\/1\.1 403 /);
  t.match(await proxy.ended(1), [{ outcome: 'denied', host: 'probe.weir.invalid' }]);
  t.same(proxy.probes, []);
});

t.test('a second tier that does not know us is reachable, and we are not authorised', async (t) => {
  await using t2 = await startSecondTier({
    hop: '{}',
    access: '[{ name: nobody, deny: [all] }]',
  });
  await using t1 = await startLooking(t2.port);
  await eventually(() => peerOf(t1).sight.authorised === false, 'a look');
  t.equal(peerOf(t1).sight.reachable, true);
  t.ok(peerOf(t1).isUp, 'its policy is no fault of it');
});

t.test('a look finds a peer down before a client does, and up again', async (t) => {
  const port = await freePort();
  const listeners = `[{ name: main, address: 127.0.0.1:${port} }]`;
  const first = await startSecondTier({ listeners });
  await using t1 = await startLooking(port);
  await eventually(() => peerOf(t1).sight.reachable === true, 'a look');
  await first[Symbol.asyncDispose]();
  await eventually(() => !peerOf(t1).isUp, 'the peer to be down');
  t.same(peerOf(t1).sight, GONE, 'of which nothing is claimed that is not known');
  await using second = await startSecondTier({ listeners });
  await eventually(() => peerOf(t1).isUp && second.probes.length > 0, 'the peer to be up');
  t.same(t1.records, []);
});

t.test('a second tier that is about to shut down says so to looks, while it still serves', async (t) => {
  await using t2 = await startSecondTier();
  await using t1 = await startLooking(t2.port);
  await eventually(() => peerOf(t1).sight.authorised === true, 'a look');
  t2.proxy.context.drain.isClosing = true;
  await eventually(() => !peerOf(t1).isUp, 'the peer to rest');
  t.ok(t1.peerFaults.every((fault) => fault === 'p0 peer_faulty'));
  t.equal(peerOf(t1).sight.reachable, true);
  t.same(t2.records, []);
});

t.test('a look through the peer tells whether its way out works', async (t) => {
  await using origin = await echoOrigin();
  await using t2 = await startSecondTier();
  await using t1 = await startLooking(t2.port, `, target: "origin.example:${origin.port}"`);
  await eventually(() => peerOf(t1).sight.egress === true, 'a look through it');
  t.match((await t2.ended(1))[0], { host: 'origin.example', outcome: 'completed' }, 'which has a record');
  t.same(t1.records, []);
  await using bad = await startLooking(t2.port, ', target: "origin.example:1"');
  await eventually(() => peerOf(bad).sight.egress === false, 'a look through it');
  t.match(peerOf(bad).sight, { reachable: true, authorised: true });
  t.ok(peerOf(bad).isUp, 'a target is no fault of the peer');
});

t.test('a proxy that is no Weir is only connected to', async (t) => {
  await using peer = await rawOrigin();
  await using t1 = await startLooking(peer.port, '', false);
  const first = await peer.accept();
  t.equal(await first.rest(), '');
  await eventually(() => peerOf(t1).sight.reachable === true, 'a look');
  t.equal(peerOf(t1).sight.authorised, undefined);
});

// Attacks: no-forged-word.
t.test('an origin that forges Proxy-Status has no peer ejected', async (t) => {
  await using origin = await rawOrigin();
  await using t2 = await startSecondTier();
  await using t1 = await startFirstTier([t2.port]);
  const forged = 't2;error=proxy_internal_error, t2;error=connection_limit_reached';
  for (let i = 0; i < 30; i += 1) {
    await using client = await RawClient.connect(t1.port);
    client.send(`GET http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const far = await origin.accept();
    await far.head();
    far.send(
      `HTTP/1.1 503 Oops\r\nProxy-Status: ${forged}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    );
    t.match(await client.head(), /^HTTP\/1\.1 503 /);
    far.end();
  }
  t.same(t1.peerFaults, []);
  t.ok(peerOf(t1).isUp && peerOf(t1).isDue(t1.proxy.context.tools.wheel.now()));
});

t.test(
  'with standby a tunnel begins with its CONNECT, and the second tier records nothing else',
  async (t) => {
    await using origin = await echoOrigin();
    await using t2 = await startSecondTier();
    await using t1 = await startProxy(
      yamlOf({
        name: 't1',
        peers: `{ p0: { address: 127.0.0.1:${t2.port}, hop: true, standby: 3 } }`,
        routes: '[{ name: out, peers: [p0] }]',
      }),
    );
    await eventually(() => peerOf(t1).standby === 3, 'connections to be ready');
    for (let i = 0; i < 5; i += 1) {
      await using client = await RawClient.connect(t1.port);
      await client.tunnel(`origin.example:${origin.port}`);
      client.send('hello');
      await client.until((received) => received === 'hello');
      client.end();
      await client.rest();
      await eventually(() => peerOf(t1).standby === 3, 'another one to be ready');
    }
    t.equal((await t2.ended(5)).length, 5);
    t.equal(t1.proxy.context.tools.ledger.opened.upstream, 8, 'three, and one for each tunnel');
    t.same(t1.peerFaults, []);
  },
);
