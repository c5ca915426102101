/** A reset passes as a reset: neither side may take a broken tunnel for one that came to its end. */
import t from 'tap';
import { LENGTHS, startFirstTier, startSecondTier, through } from '../fixtures/chain.ts';
import { RawClient } from '../fixtures/client.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { openTestTunnel } from '../fixtures/tunnel.ts';

const CLIENT_GONE = { outcome: 'client_gone', reason: 'client_gone', closedBy: 'client', status: 200 };
const BROKEN = {
  outcome: 'failed',
  reason: 'connection_terminated',
  error: 'connection_terminated',
  closedBy: 'upstream',
  status: 200,
};

/** Writes again and again, until the far side's reset is seen. */
async function writeUntilBroken(end: RawClient): Promise<void> {
  const timer = setInterval(() => end.send('x'), 5);
  await end.closed();
  clearInterval(timer);
}

for (const length of LENGTHS) {
  // Attacks: both-closed.
  t.test(`a client that resets is a reset for the origin, ${through(length)}`, async (t) => {
    await using tunnel = await openTestTunnel(length);
    const { client, far, chain } = tunnel;
    client.send('x');
    await far.expect('x');
    client.reset();
    t.equal(await far.rest(), '');
    t.equal(far.ending, 'ECONNRESET');
    for (const tier of chain.tiers) {
      t.match(await tier.ended(1), [CLIENT_GONE]);
      await tier.allClosed();
    }
  });

  // Attacks: both-closed.
  t.test(`an origin that resets is a reset for the client, ${through(length)}`, async (t) => {
    await using tunnel = await openTestTunnel(length);
    const { client, far, chain } = tunnel;
    far.send('x');
    await client.expect('x');
    far.reset();
    t.equal(await client.rest(), '');
    t.equal(client.ending, 'ECONNRESET');
    for (const tier of chain.tiers) {
      t.match(await tier.ended(1), [BROKEN]);
      await tier.allClosed();
    }
  });

  t.test(`a client that ended and then resets breaks the other direction, ${through(length)}`, async (t) => {
    await using tunnel = await openTestTunnel(length);
    const { client, far, chain } = tunnel;
    client.end();
    await far.rest();
    t.equal(far.ending, 'end');
    far.send('half an ans');
    await client.expect('half an ans');
    client.reset();
    await client.closed();
    // After its FIN a socket is not read any more, so that only a write tells, at each hop.
    await writeUntilBroken(far);
    for (const tier of chain.tiers) {
      t.match(await tier.ended(1), [CLIENT_GONE]);
      await tier.allClosed();
    }
  });

  t.test(`an origin that ended and then resets breaks the other direction, ${through(length)}`, async (t) => {
    await using tunnel = await openTestTunnel(length);
    const { client, far, chain } = tunnel;
    far.end();
    await client.rest();
    client.send('x');
    await far.expect('x');
    far.reset();
    await far.closed();
    await writeUntilBroken(client);
    for (const tier of chain.tiers) {
      t.match(await tier.ended(1), [BROKEN]);
      await tier.allClosed();
    }
  });

  t.test(`a reset overtakes what is held up by a side that does not read, ${through(length)}`, async (t) => {
    await using tunnel = await openTestTunnel(length);
    const { client, far, chain } = tunnel;
    client.socket.pause();
    far.send('x'.repeat(20_000_000));
    far.socket.once('error', () => {});
    client.reset();
    await far.closed();
    for (const tier of chain.tiers) {
      t.match(await tier.ended(1), [CLIENT_GONE]);
      await tier.allClosed();
    }
  });
}

t.test('a client that resets while its peer thinks is let go, and so is the peer', async (t) => {
  await using peer = await rawOrigin();
  await using proxy = await startFirstTier([peer.port]);
  await using client = await RawClient.connect(proxy.port);
  client.send('CONNECT origin.example:443 HTTP/1.1\r\nHost: x\r\n\r\n');
  const far = await peer.accept();
  await far.head();
  client.reset();
  await far.rest();
  t.match(await proxy.ended(1), [
    { outcome: 'client_gone', reason: 'client_gone', closedBy: 'client', status: 0, peer: 'p0' },
  ]);
  t.same(proxy.peerFaults, [], 'the peer is not to blame');
  await proxy.allClosed();
});

t.test('a peer that breaks off its answer counts as down, and the client is told', async (t) => {
  await using peer = await rawOrigin();
  await using proxy = await startFirstTier([peer.port]);
  await using client = await RawClient.connect(proxy.port);
  client.send('CONNECT origin.example:443 HTTP/1.1\r\nHost: x\r\n\r\n');
  const far = await peer.accept();
  far.send('HTTP/1.1 200 O');
  far.reset();
  t.match(await client.rest(), /^HTTP\/1\.1 502 Peer closed the connection \(t1\)\r\n/);
  t.equal(client.ending, 'end');
  t.match(await proxy.ended(1), [{ outcome: 'failed', reason: 'peer_terminated', status: 502, peer: 'p0' }]);
  t.same(proxy.peerFaults, ['p0 peer_terminated']);
});

// Attacks: both-closed.
t.test('a tunnel that breaks between the tiers breaks for both ends', async (t) => {
  await using origin = await rawOrigin();
  const second = await startSecondTier();
  await using first = await startFirstTier([second.port]);
  await using client = await RawClient.connect(first.port);
  await client.tunnel(`origin.example:${origin.port}`);
  const far = await origin.accept();
  second.proxy.context.drain.cutAll();
  await client.rest();
  t.equal(client.ending, 'ECONNRESET');
  await far.rest();
  t.equal(far.ending, 'ECONNRESET');
  t.match(await first.ended(1), [BROKEN]);
  t.match(await second.ended(1), [{ outcome: 'drained', reason: 'drain_timeout', closedBy: 'proxy' }]);
  await second[Symbol.asyncDispose]();
});
