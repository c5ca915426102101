/** `sni: verify` where the hello does not come: silence, ends and resets, servers that speak first, drains and limits. */
import t from 'tap';
import { RawClient } from '../fixtures/client.ts';
import { allRead } from '../fixtures/proxy.ts';
import { assertCut, GOOD_HELLO, openStage, openStage443, VERIFY } from '../fixtures/stage.ts';

const SHORT = { ...VERIFY, timeouts: '{ hello: 200ms }' };

// Attacks: no-early-byte.
t.test('a client that is silent is cut when its time is over', async (t) => {
  await using stage = await openStage(SHORT);
  await assertCut(t, stage, {
    outcome: 'denied',
    reason: 'hello_missing',
    detail: /no whole ClientHello in time/,
  });
});

// Attacks: bounded.
t.test('so is one whose hello never becomes whole', async (t) => {
  await using stage = await openStage(SHORT);
  stage.client.send(GOOD_HELLO.subarray(0, -1));
  await assertCut(t, stage, {
    outcome: 'denied',
    reason: 'hello_missing',
    detail: /no whole ClientHello in time/,
  });
});

t.test('a protocol in which the server speaks first passes, on a port other than 443', async (t) => {
  await using stage = await openStage(VERIFY);
  stage.far.send('SSH-2.0-server\r\n');
  await stage.client.expect('SSH-2.0-server\r\n');
  stage.client.send('SSH-2.0-client\r\n');
  await stage.far.expect('SSH-2.0-client\r\n');
  stage.client.end();
  stage.far.end();
  t.match(await stage.proxy.ended(1), [{ outcome: 'completed', rule: 'tls', sni: undefined }]);
});

// Attacks: no-early-byte.
t.test('but not once the client has begun', async (t) => {
  await using stage = await openStage(VERIFY);
  stage.client.send(GOOD_HELLO.subarray(0, 20));
  await allRead(stage.proxy);
  stage.far.send('SSH-2.0-server\r\n');
  await allRead(stage.proxy);
  stage.client.send('no hello');
  t.equal(await stage.client.rest(), '', 'and what the server says is kept from the client');
  t.equal(await stage.far.rest(), '');
});

// Attacks: no-early-byte.
t.test('on port 443 nothing passes but TLS, whoever speaks first', async (t) => {
  await using stage = await openStage443(SHORT);
  stage.far.send('SSH-2.0-server\r\n');
  await assertCut(t, stage, { outcome: 'denied', reason: 'hello_missing', peer: 'p' });
});

t.test('on port 443 what the server says first comes after the verdict', async (t) => {
  await using stage = await openStage443(VERIFY);
  stage.far.send('first');
  await allRead(stage.proxy);
  t.equal(stage.client.received, '');
  stage.client.send(GOOD_HELLO);
  await stage.far.expect(GOOD_HELLO.toString('latin1'));
  await stage.client.expect('first');
});

t.test(
  'a client that ends before its hello is whole is cut; one that never said a word has left',
  async (t) => {
    await using half = await openStage(VERIFY);
    half.client.send(GOOD_HELLO.subarray(0, 30));
    await allRead(half.proxy);
    half.client.end();
    t.equal(await half.far.rest(), '');
    t.match((await half.proxy.ended(2)).at(-1), { reason: 'hello_missing', detail: /ended its side/ });
    await using mute = await openStage(VERIFY);
    mute.client.end();
    t.equal(await mute.far.rest(), '');
    t.match(await mute.proxy.ended(1), [{ outcome: 'client_gone', closedBy: 'client' }]);
  },
);

t.test('a reset of either side ends the other', async (t) => {
  await using left = await openStage(VERIFY);
  left.client.send(GOOD_HELLO.subarray(0, 30));
  await allRead(left.proxy);
  left.client.reset();
  t.equal(await left.far.rest(), '');
  t.match((await left.proxy.ended(2)).at(-1), { outcome: 'client_gone', closedBy: 'client' });
  await using broken = await openStage(VERIFY);
  broken.far.reset();
  await broken.client.rest();
  t.match(await broken.proxy.ended(1), [
    { outcome: 'failed', reason: 'connection_terminated', closedBy: 'upstream' },
  ]);
});

t.test('an upstream that ends its side waits for the verdict as well', async (t) => {
  await using stage = await openStage(VERIFY);
  stage.far.end();
  stage.client.send(GOOD_HELLO);
  await stage.far.expect(GOOD_HELLO.toString('latin1'));
  stage.client.end();
  t.match(await stage.proxy.ended(1), [{ outcome: 'completed' }]);
});

t.test('a drain that is over cuts a tunnel that waits for its hello', async (t) => {
  await using stage = await openStage(VERIFY);
  stage.proxy.proxy.context.drain.cutAll();
  await assertCut(t, stage, { outcome: 'drained', reason: 'drain_timeout' });
});

t.test('limits hold for a tunnel that is verified', async (t) => {
  const limits = '{ one: { per: source, tunnels: 1, bandwidth: 1MiB/s, bytesPerDay: 1MiB } }';
  await using stage = await openStage({
    limits,
    access: '[{ name: tls, allow: [all], sni: verify, limit: one }]',
  });
  await using second = await RawClient.connect(stage.proxy.port);
  t.match(await second.tunnel('origin.example:9'), /^HTTP\/1\.1 429 /, 'it counts while it waits');
  stage.client.send(GOOD_HELLO);
  await stage.far.expect(GOOD_HELLO.toString('latin1'));
  const much = 'x'.repeat(300_000);
  stage.client.send(much);
  await stage.far.expect(much);
  stage.far.end();
  stage.client.end();
  t.match((await stage.proxy.ended(2)).at(-1), {
    outcome: 'completed',
    bytesFromClient: GOOD_HELLO.length + 300_000,
  });
});
