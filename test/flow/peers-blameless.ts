/** What an origin, or who chooses it, brings about by a peer that is well: it counts against no peer, and nobody else is asked. */
import t from 'tap';
import { readAnswer } from '../fixtures/answer.ts';
import { startFirstTier, startSecondTier } from '../fixtures/chain.ts';
import { RawClient } from '../fixtures/client.ts';
import { type RawOrigin, rawOrigin } from '../fixtures/origin.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';

const GET = 'GET http://origin.example/ HTTP/1.1\r\nHost: x\r\n\r\n';
const CONNECT = 'CONNECT origin.example:443 HTTP/1.1\r\nHost: x\r\n\r\n';
const AUTH = 'HTTP/1.1 407 Auth\r\nContent-Length: 0\r\n\r\n';

/** One that is no hop of ours is the only way out. */
const bySquid = ({ port }: RawOrigin) => ({
  peers: `{ squid: { address: 127.0.0.1:${port} } }`,
  routes: '[{ name: out, peers: [squid] }]',
});

/** First line of what a client of `port` gets where `squid` answers so. */
async function firstLine(port: number, squid: RawOrigin, [request, answer]: readonly [string, string]) {
  await using client = await RawClient.connect(port);
  client.send(request);
  const far = await squid.accept();
  await far.head();
  far.send(answer);
  return (await readAnswer(client)).first;
}

// Attacks: true-peer.
t.test('a 407 by a peer that is no hop of ours may be an origin’s: it counts against nobody', async (t) => {
  await using squid = await rawOrigin();
  await using other = await rawOrigin();
  await using proxy = await startProxy(
    yamlOf({
      peers: `{ squid: { address: 127.0.0.1:${squid.port} }, other: { address: 127.0.0.1:${other.port} } }`,
      routes: '[{ name: out, peers: [squid, other] }]',
    }),
  );
  for (let i = 0; i < 6; i += 1) {
    const answer = 'HTTP/1.1 407 Auth\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
    t.equal(
      await firstLine(proxy.port, squid, [GET, answer]),
      'HTTP/1.1 502 Peer wants other credentials (t)',
    );
  }
  t.same(proxy.peerFaults, []);
  t.ok(proxy.proxy.context.generation.peers.get('squid')?.isUp);
  t.equal(other.accepted, 0, 'and nobody else was asked');
});

const fieldsBeyondMeasure = 'A: b\r\n'.repeat(2_000);

for (const [what, answer, faults] of [
  ['too many fields', `HTTP/1.1 200 OK\r\n${fieldsBeyondMeasure}\r\n`, []],
  ['a control character', 'HTTP/1.1 200 OK\r\nA: b\x01c\r\nContent-Length: 0\r\n\r\n', []],
  ['an odd phrase', 'HTTP/1.1 200 O\x01K\r\nContent-Length: 0\r\n\r\n', []],
  ['no HTTP at all', 'SSH-2.0-x\r\n\r\n', ['squid peer_protocol_error']],
] as const) {
  // Attacks: true-peer.
  t.test(
    `a head of an origin by a peer that is no hop of ours is no fault of the peer: ${what}`,
    async (t) => {
      await using squid = await rawOrigin();
      await using proxy = await startProxy(yamlOf(bySquid(squid)));
      t.equal(await firstLine(proxy.port, squid, [GET, answer]), 'HTTP/1.1 502 Peer answered nonsense (t)');
      t.same(proxy.peerFaults, faults);
    },
  );
}

t.test('a 407 to CONNECT is the peer’s, whoever it is', async (t) => {
  await using squid = await rawOrigin();
  await using proxy = await startProxy(yamlOf(bySquid(squid)));
  t.equal(
    await firstLine(proxy.port, squid, [CONNECT, AUTH]),
    'HTTP/1.1 502 Peer wants other credentials (t)',
  );
  t.same(proxy.peerFaults, ['squid peer_auth_required']);
});

// Attacks: true-peer.
t.test('what a tier has no way to says nothing of the tier', async (t) => {
  await using t2 = await startSecondTier({
    acls: '{ near: { src: [127.0.0.1] }, web: { ports: [1] } }',
    routes: '[{ name: web, direct: true, when: [web] }]',
  });
  await using t1 = await startFirstTier([t2.port]);
  for (let i = 0; i < 6; i += 1) {
    for (const request of [GET, CONNECT]) {
      await using client = await RawClient.connect(t1.port);
      client.send(request);
      t.equal((await readAnswer(client)).first, 'HTTP/1.1 500 No route (t2)');
    }
  }
  t.same(t1.peerFaults, []);
  t.ok(t1.proxy.context.generation.peers.get('p0')?.isUp);
});

// Attacks: true-peer.
t.test('what a tier says of its own peer says nothing of the tier', async (t) => {
  await using squid = await rawOrigin();
  await using t2 = await startSecondTier(bySquid(squid));
  await using t1 = await startFirstTier([t2.port]);
  t.equal(await firstLine(t1.port, squid, [GET, AUTH]), 'HTTP/1.1 502 Peer wants other credentials (t2)');
  t.same([t1.peerFaults, t2.peerFaults], [[], []]);
  t.match(await t1.ended(1), [{ outcome: 'failed', reason: 'peer_failed' }]);
});
