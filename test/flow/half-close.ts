/** A FIN passes as a FIN, and the other direction goes on until it ends too. */
import t from 'tap';
import { LENGTHS, through } from '../fixtures/chain.ts';
import { RawClient } from '../fixtures/client.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';
import { openTestTunnel } from '../fixtures/tunnel.ts';

for (const length of LENGTHS) {
  t.test(`a client that ends still hears its origin, ${through(length)}`, async (t) => {
    await using tunnel = await openTestTunnel(length);
    const { client, far, chain } = tunnel;
    client.send('question');
    client.end();
    t.equal(await far.rest(), 'question');
    t.equal(far.ending, 'end');
    far.send('first ');
    await client.expect('first ');
    t.equal(client.ending, 'open');
    far.send('x'.repeat(5_000_000));
    far.end();
    t.equal((await client.rest()).length, 5_000_000);
    t.equal(client.ending, 'end');
    for (const tier of chain.tiers) {
      t.match(await tier.ended(1), [
        {
          outcome: 'completed',
          reason: undefined,
          closedBy: 'client',
          bytesFromClient: 8,
          bytesToClient: 5_000_006,
        },
      ]);
      await tier.allClosed();
    }
  });

  t.test(`an origin that ends still hears its client, ${through(length)}`, async (t) => {
    await using tunnel = await openTestTunnel(length);
    const { client, far, chain } = tunnel;
    far.send('all I have to say');
    far.end();
    t.equal(await client.rest(), 'all I have to say');
    t.equal(client.ending, 'end');
    client.send('first ');
    await far.expect('first ');
    t.equal(far.ending, 'open');
    client.send('x'.repeat(5_000_000));
    client.end();
    t.equal((await far.rest()).length, 5_000_000);
    for (const tier of chain.tiers) {
      t.match(await tier.ended(1), [
        {
          outcome: 'completed',
          reason: undefined,
          closedBy: 'upstream',
          bytesFromClient: 5_000_006,
          bytesToClient: 17,
        },
      ]);
      await tier.allClosed();
    }
  });

  t.test(`both sides may end at the same time, ${through(length)}`, async (t) => {
    await using tunnel = await openTestTunnel(length);
    const { client, far, chain } = tunnel;
    client.send('a');
    client.end();
    far.send('b');
    far.end();
    t.equal(await far.rest(), 'a');
    t.equal(await client.rest(), 'b');
    for (const tier of chain.tiers) {
      t.match(await tier.ended(1), [{ outcome: 'completed', bytesFromClient: 1, bytesToClient: 1 }]);
      await tier.allClosed();
    }
    t.equal(client.ending, 'end');
    t.equal(far.ending, 'end');
  });
}

t.test('a client that ended before its tunnel was there gets it nonetheless', async (t) => {
  await using peer = await rawOrigin();
  await using proxy = await startProxy(
    yamlOf({
      peers: `{ up: { address: 127.0.0.1:${peer.port} } }`,
      routes: '[{ name: out, peers: [up] }]',
    }),
  );
  await using client = await RawClient.connect(proxy.port);
  client.send('CONNECT origin.example:443 HTTP/1.1\r\nHost: x\r\n\r\nquestion');
  client.end();
  const far = await peer.accept();
  await far.head();
  far.send('HTTP/1.1 200 OK\r\n\r\nanswer');
  t.equal(await far.rest(), 'question');
  t.equal(far.ending, 'end');
  far.end();
  t.match(await client.rest(), /^HTTP\/1\.1 200 Connection established\r\n(.+\r\n)+\r\nanswer$/);
  t.equal(client.ending, 'end');
  t.match(await proxy.ended(1), [{ outcome: 'completed', bytesFromClient: 8, bytesToClient: 6 }]);
  await proxy.allClosed();
});
