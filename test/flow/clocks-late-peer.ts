/** Of the peers of a route the one whose turn comes late in timeouts.establish: it has not had the time by which it could be judged. */
import t from 'tap';
import { blackHole } from '../fixtures/black-hole.ts';
import { startFirstTier } from '../fixtures/chain.ts';
import { RawClient } from '../fixtures/client.ts';

t.setTimeout(120_000);

const KINDS = {
  CONNECT: 'CONNECT origin.example:443 HTTP/1.1\r\nHost: x\r\n\r\n',
  GET: 'GET http://origin.example:443/ HTTP/1.1\r\nHost: x\r\n\r\n',
} as const;

/** Clocks two seconds apart from each other and from what counts as late, for a busy machine stands still for one. */
const KEYS = { connect: '3s', establish: '5s' } as const;

// Attacks: true-peer.
t.test('a peer whose turn comes late is not late', async (t) => {
  await using first = await blackHole();
  await using next = await blackHole();
  const outcomes = Object.entries(KINDS).map(async ([kind, head]) => {
    await using proxy = await startFirstTier([first.port, next.port], {
      peers: `{ p0: { address: 127.0.0.1:${first.port}, hop: true, connectTimeout: ${KEYS.connect} }, p1: { address: 127.0.0.1:${next.port}, hop: true, connectTimeout: 1h } }`,
      timeouts: `{ establish: ${KEYS.establish} }`,
    });
    await using client = await RawClient.connect(proxy.port);
    client.send(head);
    const answer = await client.head();
    const [record] = await proxy.ended(1);
    return { kind, answer, record, faults: proxy.peerFaults };
  });
  for (const { kind, answer, record, faults } of await Promise.all(outcomes)) {
    t.match(answer, /^HTTP\/1\.1 504 Peer did not answer in time \(t1\)\r\n/, kind);
    t.match(record, { outcome: 'failed', reason: 'peer_timeout', peer: 'p1' }, kind);
    t.same(faults, ['p0 peer_timeout'], 'the time was over before it could have had its own');
  }
});
