/** The clocks of a tunnel: idle, lifetime, linger. What they end, they break: neither side may take it for a clean end. */
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { LENGTHS, through } from '../fixtures/chain.ts';
import { standStillWithUs } from '../fixtures/stopwatch.ts';
import { openTestTunnel } from '../fixtures/tunnel.ts';

for (const length of LENGTHS) {
  t.test(`a tunnel on which nothing moves ends after timeouts.idle, ${through(length)}`, async (t) => {
    await using tunnel = await openTestTunnel(length, { timeouts: '{ idle: 300ms }' });
    const { client, far, chain } = tunnel;
    await client.rest();
    t.equal(client.ending, 'ECONNRESET');
    await far.rest();
    t.equal(far.ending, 'ECONNRESET');
    const records = await Promise.all(chain.tiers.map(async (tier) => (await tier.ended(1))[0]));
    t.ok(
      records.some((record) => record?.reason === 'idle_timeout' && record.closedBy === 'proxy'),
      'the hop whose clock it was says so',
    );
    for (const record of records) t.ok((record?.durationMs ?? 0) >= 280, `after ${record?.durationMs} ms`);
    for (const tier of chain.tiers) await tier.allClosed();
  });
}

t.test('bytes in either direction keep a tunnel from being idle', async (t) => {
  standStillWithUs(t);
  await using tunnel = await openTestTunnel(1, { timeouts: '{ idle: 1s }' });
  const { client, far, chain } = tunnel;
  // Either direction alone for longer than the clock, and a step short of it by more than a busy machine stands still.
  for (let i = 0; i < 12; i += 1) {
    const [from, to] = i < 6 ? [client, far] : [far, client];
    await delay(200);
    from.send('.');
    await to.expect('.');
  }
  await client.rest();
  const [record] = (await chain.tiers[0]?.ended(1)) ?? [];
  t.match(record, {
    outcome: 'completed',
    reason: 'idle_timeout',
    closedBy: 'proxy',
    status: 200,
    bytesFromClient: 6,
    bytesToClient: 6,
  });
  t.ok((record?.durationMs ?? 0) >= 12 * 199 + 980, 'from the last byte on');
});

t.test('a tunnel ends after timeouts.lifetime, however busy it is', async (t) => {
  await using tunnel = await openTestTunnel(1, { timeouts: '{ lifetime: 400ms, idle: 1h }' });
  const { client, far, chain } = tunnel;
  const timer = setInterval(() => {
    client.send('.');
    far.send('.');
  }, 20);
  await client.rest();
  clearInterval(timer);
  await client.closed();
  await far.closed();
  const [record] = (await chain.tiers[0]?.ended(1)) ?? [];
  t.match(record, { outcome: 'completed', reason: 'lifetime_reached', closedBy: 'proxy' });
  t.ok((record?.durationMs ?? 0) >= 380, `after ${record?.durationMs} ms`);
});

for (const first of ['client', 'far'] as const) {
  const other = first === 'client' ? 'far' : 'client';
  t.test(`when the ${first} has ended, silence is borne for timeouts.linger`, async (t) => {
    await using tunnel = await openTestTunnel(1, { timeouts: '{ linger: 300ms }' });
    const { chain } = tunnel;
    const before = performance.now();
    tunnel[first].end();
    await tunnel[other].rest();
    await tunnel[first].rest();
    const took = performance.now() - before;
    t.ok(took >= 280, `after ${took} ms`);
    t.equal(tunnel[first].ending, 'ECONNRESET', 'no end that could be taken for a clean one');
    t.match(await chain.tiers[0]?.ended(1), [
      { outcome: 'completed', reason: 'linger_timeout', closedBy: 'proxy' },
    ]);
    await chain.tiers[0]?.allClosed();
  });

  t.test(`when the ${first} has ended, the other side may take its time as long as it speaks`, async (t) => {
    standStillWithUs(t);
    await using tunnel = await openTestTunnel(1, { timeouts: '{ linger: 1s }' });
    const { chain } = tunnel;
    tunnel[first].end();
    await tunnel[other].rest();
    for (let i = 0; i < 6; i += 1) {
      await delay(200);
      tunnel[other].send('.');
      await tunnel[first].expect('.');
    }
    tunnel[other].end();
    t.equal(await tunnel[first].rest(), '');
    t.equal(tunnel[first].ending, 'end');
    t.match(await chain.tiers[0]?.ended(1), [{ outcome: 'completed', reason: undefined }]);
  });
}

t.test('linger 0: a side that has ended is not waited for', async (t) => {
  await using tunnel = await openTestTunnel(1, { timeouts: '{ linger: 0s }' });
  const { client, chain } = tunnel;
  client.end();
  await client.rest();
  t.match(await chain.tiers[0]?.ended(1), [{ reason: 'linger_timeout' }]);
});
