/** The end of a process: nothing new is taken, what is under way may finish in its time, and what is cut is recorded so. */
import t from 'tap';
import { readAnswer } from '../fixtures/answer.ts';
import { startFirstTier, startSecondTier } from '../fixtures/chain.ts';
import { RawClient } from '../fixtures/client.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { allRead, startProxy, yamlOf } from '../fixtures/proxy.ts';
import { scene } from '../fixtures/scene.ts';
import { closedPort, faultOf } from '../fixtures/sockets.ts';

/** For those whose port is dialled when it is closed. */
const OWN_PORT = { listeners: `[{ name: main, address: 127.0.0.1:${await closedPort()} }]` };
const SHORT = { timeouts: '{ drain: 200ms }' };
const get = (host: string): string => `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
const HI = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

t.test('with nothing under way it is done at once, and idle connections end', async (t) => {
  await using proxy = await startProxy(yamlOf({ ...OWN_PORT, timeouts: '{ drain: 1h, keepAlive: 1h }' }));
  await using silent = await RawClient.connect(proxy.port);
  await using twin = await RawClient.connect(proxy.port);
  t.equal(await proxy.proxy.drain(), true);
  for (const client of [silent, twin]) t.equal(await client.rest(), '');
  t.match(await faultOf(RawClient.connect(proxy.port)), { code: 'ECONNREFUSED' });
  t.same(proxy.records, [], 'a connection without a byte is no transaction');
});

scene(
  'no new connections; a running tunnel finishes, and that ends the drain',
  async (t, all) => {
    const { proxy, origin, client, host } = all;
    await client.tunnel(host);
    const far = await origin.accept();
    let isDone = false;
    const drained = proxy.proxy.drain().then((whole) => {
      isDone = true;
      return whole;
    });
    t.match(await faultOf(RawClient.connect(proxy.port)), { code: 'ECONNREFUSED' });
    client.send('question');
    await far.expect('question');
    far.send('answer');
    await client.expect('answer');
    t.notOk(isDone);
    client.end();
    t.equal(await far.rest(), '');
    far.send('more');
    await client.expect('more');
    t.notOk(isDone, 'half a tunnel is still a tunnel');
    far.end();
    t.equal(await drained, true);
    t.equal(await client.rest(), '');
    t.equal(client.ending, 'end');
    t.match(await proxy.ended(1), [
      { outcome: 'completed', reason: undefined, bytesFromClient: 8, bytesToClient: 10 },
    ]);
  },
  OWN_PORT,
);

scene('a kept connection ends when it is idle, to clients and to origins', async (t, all) => {
  const { proxy, origin, client, host } = all;
  client.send(get(host));
  const far = await origin.accept();
  await far.head();
  far.send(HI);
  t.match(await readAnswer(client), { body: 'hi' });
  await proxy.ended(1);
  t.equal(await proxy.proxy.drain(), true);
  t.equal(await client.rest(), '');
  await far.rest();
  t.not(far.ending, 'open');
});

scene('a request under way gets its answer, with Connection: close', async (t, all) => {
  const { proxy, origin, client, host } = all;
  client.send(get(host));
  const far = await origin.accept();
  await far.head();
  const drained = proxy.proxy.drain();
  far.send(HI);
  const answer = await readAnswer(client);
  t.match(answer, { first: 'HTTP/1.1 200 OK', body: 'hi' });
  t.equal(answer.fields.connection, 'close');
  t.equal(await client.rest(), '');
  t.equal(client.ending, 'end');
  client.end();
  t.equal(await drained, true);
  t.match(await proxy.ended(1), [{ outcome: 'completed', status: 200 }]);
});

scene('an answer whose head is out already is finished, and its connection ends', async (t, all) => {
  const { proxy, origin, client, host } = all;
  client.send(get(host));
  const far = await origin.accept();
  await far.head();
  far.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst');
  await client.until((text) => text.endsWith('first'));
  const drained = proxy.proxy.drain();
  far.send(' last');
  t.equal(await client.rest(), ' last');
  client.end();
  t.equal(await drained, true);
  t.match(await proxy.ended(1), [{ outcome: 'completed', status: 200 }]);
});

scene('an upload under way is finished too', async (t, all) => {
  const { proxy, origin, client, host } = all;
  client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nfirst`);
  const far = await origin.accept();
  await far.until((text) => text.endsWith('first'));
  const drained = proxy.proxy.drain();
  client.send(' last');
  await far.expect(' last');
  far.send(HI);
  t.match(await readAnswer(client), { body: 'hi', fields: { connection: 'close' } });
  client.end();
  t.equal(await drained, true);
});

for (const head of [
  'CONNECT target HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET http://target/ HTTP/1.1\r\nHost: x\r\n\r\n',
]) {
  const [kind] = head.split(' ');
  scene(`${kind} on a connection that was there before is 503 draining`, async (t, all) => {
    const { proxy, origin, client, host } = all;
    // The beginning of a head is not idle: its connection outlives the beginning of the drain.
    client.send(head.slice(0, 3));
    await using tunnel = await RawClient.connect(proxy.port);
    await tunnel.tunnel(host);
    const far = await origin.accept();
    const drained = proxy.proxy.drain();
    client.send(head.slice(3).replace('target', host));
    const answer = await readAnswer(client);
    t.equal(answer.first, 'HTTP/1.1 503 Shutting down (t)');
    t.equal(answer.fields['proxy-status'], 't;details="draining"');
    t.match(answer.fields, { connection: 'close', 'retry-after': '1' });
    t.equal(await client.rest(), '');
    client.end();
    for (const end of [tunnel, far]) end.end();
    t.equal(await drained, true);
    t.match(await proxy.ended(2), [{ outcome: 'drained', reason: 'draining', status: 503 }, {}]);
    t.equal(origin.accepted, 1);
  });
}

// Attacks: recorded-once.
scene('a head that is not whole when all else is done is refused, and recorded', async (t, all) => {
  const { proxy, client } = all;
  client.send('GET http://origin.example/ HT');
  await allRead(proxy);
  t.equal(await proxy.proxy.drain(), true);
  t.match(proxy.records, [{ status: 400 }, { outcome: 'drained', reason: 'draining', status: 503 }]);
  t.match(await client.rest(), /^HTTP\/1\.1 503 Shutting down \(t\)\r\n/);
  client.end();
  await proxy.allClosed();
});

// Attacks: recorded-once, both-closed.
scene(
  'what is left when the time is over is cut, and recorded as drained',
  async (t, all) => {
    const { proxy, origin, client, host } = all;
    await client.tunnel(host);
    const far = await origin.accept();
    await using web = await RawClient.connect(proxy.port);
    web.send(get(host));
    await (await origin.accept()).head();
    const before = performance.now();
    t.equal(await proxy.proxy.drain(), false);
    t.ok(performance.now() - before >= 190, 'not before its time');
    t.equal(proxy.proxy.context.drain.active, 0, 'and not before all have ended');
    t.equal(proxy.records.filter(({ event }) => event === 'end').length, 2, 'and are recorded');
    t.equal(await client.rest(), '');
    await far.rest();
    t.match((await readAnswer(web)).first, /^HTTP\/1\.1 503 Drain time over \(t\)$/);
    const records = await proxy.ended(2);
    for (const record of records) t.match(record, { outcome: 'drained', reason: 'drain_timeout' });
    web.end();
    await proxy.allClosed();
  },
  SHORT,
);

t.test('a transaction that has no answer yet is cut with a 503', async (t) => {
  await using peer = await rawOrigin();
  await using proxy = await startFirstTier([peer.port], SHORT);
  await using client = await RawClient.connect(proxy.port);
  client.send('CONNECT origin.example:443 HTTP/1.1\r\nHost: x\r\n\r\n');
  const far = await peer.accept();
  await far.head();
  t.equal(await proxy.proxy.drain(), false);
  t.match((await readAnswer(client)).first, /^HTTP\/1\.1 503 Drain time over \(t1\)$/);
  client.end();
  t.match(await proxy.ended(1), [{ outcome: 'drained', reason: 'drain_timeout', status: 503 }]);
  t.ok(proxy.proxy.context.generation.peers.get('p0')?.isUp, 'which says nothing about the peer');
});

t.test('a second tier that shuts down sends the first one elsewhere', async (t) => {
  await using origin = await rawOrigin();
  await using leaving = await startSecondTier();
  await using staying = await startSecondTier({ name: 't3' });
  await using t1 = await startFirstTier([leaving.port, staying.port]);
  await using first = await RawClient.connect(t1.port);
  await first.tunnel(`origin.example:${origin.port}`);
  const firstFar = await origin.accept();
  const drained = leaving.proxy.drain();
  await using second = await RawClient.connect(t1.port);
  t.match(await second.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
  const secondFar = await origin.accept();
  first.send('still here');
  await firstFar.expect('still here');
  for (const end of [first, firstFar, second, secondFar]) end.end();
  t.equal(await drained, true);
  const records = await t1.ended(2);
  t.same(records.map(({ peer }) => peer).sort(), ['p0', 'p1']);
  for (const { outcome } of records) t.equal(outcome, 'completed');
});
