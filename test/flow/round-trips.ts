/** How often a client waits for the way between the tiers until its tunnel is open: counted, so that no clock has a say. */
import t from 'tap';
import { startSecondTier } from '../fixtures/chain.ts';
import { RawClient } from '../fixtures/client.ts';
import { countingRelay, type Line } from '../fixtures/counting-relay.ts';
import { echoOrigin } from '../fixtures/origin.ts';
import type { TestProxy } from '../fixtures/proxy.ts';
import { firstTier, PEER_TLS, secondTier } from '../fixtures/tls-chain.ts';
import { eventually } from '../fixtures/within.ts';

/** Ways of a handshake until tier 2 has heard all that tier 1 says in it: three of TCP; with the third TLS begins, whose own are three too. */
const HANDSHAKES = { tcp: 3, tls: 5 };

const ROWS: Readonly<Record<string, { tls: boolean; standby: boolean; roundTrips: number }>> = {
  'without standby a tunnel takes two round trips': { tls: false, standby: false, roundTrips: 2 },
  'with standby a tunnel takes one round trip': { tls: false, standby: true, roundTrips: 1 },
  'with TLS and without standby a tunnel takes three round trips': {
    tls: true,
    standby: false,
    roundTrips: 3,
  },
  'with TLS and standby a tunnel takes one round trip': { tls: true, standby: true, roundTrips: 1 },
};

/** Of these the second takes up the TLS session of the first, and a connection that was opened in its place. */
const TUNNELS = [0, 1, 2];

/** Waits until the one connection that is opened ahead is there, and tier 1 has said all that it says before it is used. */
async function untilReady(first: TestProxy, line: () => Line | undefined, ways: number): Promise<void> {
  const peer = first.proxy.context.generation.peers.get('vm');
  await eventually(() => peer?.standby === 1 && line()?.waysToTier2 === ways, 'a connection to wait');
  line()?.rest();
}

for (const [title, { tls, standby, roundTrips }] of Object.entries(ROWS)) {
  t.test(title, async (t) => {
    await using origin = await echoOrigin();
    await using second = await (tls ? secondTier() : startSecondTier());
    await using relay = await countingRelay(second.port);
    const peer = [...(tls ? [`tls: ${PEER_TLS}`] : []), ...(standby ? ['standby: 1'] : [])];
    await using first = await firstTier(relay.port, peer.join(', '));
    for (const index of TUNNELS) {
      const line = (): Line | undefined => relay.lines[index];
      if (standby) await untilReady(first, line, tls ? HANDSHAKES.tls : HANDSHAKES.tcp);
      await using client = await RawClient.connect(first.port);
      t.match(await client.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
      t.equal(line()?.roundTrips, roundTrips, `until the 200 of tunnel ${index}`);
      client.send('hello');
      await client.expect('hello');
      t.equal(line()?.roundTrips, roundTrips + 1, `until the echo of tunnel ${index}`);
      client.end();
      await client.rest();
    }
    t.match(await second.ended(TUNNELS.length), Array(TUNNELS.length).fill({ outcome: 'completed' }));
    t.same(first.peerFaults, []);
  });
}
