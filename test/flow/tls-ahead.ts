/** What is done to a peer with TLS ahead of traffic: looks at it, and connections that wait, speak TLS as traffic does. */
import t from 'tap';
import { RawClient } from '../fixtures/client.ts';
import { echoOrigin } from '../fixtures/origin.ts';
import type { TestProxy } from '../fixtures/proxy.ts';
import { firstTier, issuer, PEER_TLS, secondTier, stranger } from '../fixtures/tls-chain.ts';
import { eventually } from '../fixtures/within.ts';

function peerOf({ proxy }: TestProxy) {
  const peer = proxy.context.generation.peers.get('vm');
  if (peer === undefined) throw new Error('No peer');
  return peer;
}

t.test('a look at a peer with TLS takes the way of traffic', async (t) => {
  await using second = await secondTier();
  await using first = await firstTier(second.port, `tls: ${PEER_TLS}, health: { interval: 20ms }`);
  await eventually(() => second.probes.length >= 2, 'looks to come');
  t.same(peerOf(first).sight, { reachable: true, authorised: true, egress: undefined });
  t.same(second.failedHandshakes, []);
  t.same(second.records, []);
});

// Attacks: true-peer.
t.test('a look finds a peer that is not whom it should be', async (t) => {
  await using second = await secondTier();
  const other = `tls: { ca: ${stranger.caFile} }, health: { interval: 20ms }`;
  await using first = await firstTier(second.port, other);
  await eventually(() => !peerOf(first).isUp, 'the peer to be down');
  t.equal(peerOf(first).sight.reachable, false);
  t.ok(first.peerFaults.every((fault) => fault === 'vm tls_certificate_error'));
  await using unknown = await firstTier(
    second.port,
    `tls: { ca: ${issuer.caFile} }, health: { interval: 20ms }`,
  );
  await eventually(() => !peerOf(unknown).isUp, 'the one that shows no certificate to be refused');
  t.same(second.probes, []);
});

t.test('connections to a peer with TLS that were opened ahead carry tunnels', async (t) => {
  await using origin = await echoOrigin();
  await using second = await secondTier();
  await using first = await firstTier(second.port, `tls: ${PEER_TLS}, standby: 2`);
  await eventually(() => peerOf(first).standby === 2, 'connections to wait');
  const opened = second.proxy.context.tools.ledger.opened.client;
  await using client = await RawClient.connect(first.port);
  t.match(await client.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
  client.send('hello');
  await client.expect('hello');
  client.end();
  t.match(await second.ended(1), [{ outcome: 'completed', reason: undefined }]);
  await eventually(() => peerOf(first).standby === 2, 'another to take its place');
  t.equal(second.proxy.context.tools.ledger.opened.client, opened + 1, 'the tunnel has opened none');
  t.same(second.failedHandshakes, []);
});
