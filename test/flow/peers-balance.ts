/** Which of the peers of a route is asked, while all are well: by turns, by what is open, by client; and when all are full. */
import t from 'tap';
import type { Peer } from '#peer/peer.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { type RawOrigin, rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { eventually } from '../fixtures/within.ts';

/** Both kinds of transaction, as a client asks for them. */
const KINDS = {
  CONNECT: 'CONNECT origin.example:443 HTTP/1.1\r\nHost: x\r\n\r\n',
  GET: 'GET http://origin.example/ HTTP/1.1\r\nHost: x\r\n\r\n',
} as const;

const OK = 'HTTP/1.1 200 OK\r\n\r\n';

function peerOf(proxy: TestProxy, name: string): Peer {
  const peer = proxy.proxy.context.generation.peers.get(name);
  if (peer === undefined) throw new Error(`No peer "${name}"`);
  return peer;
}

/** Opens a tunnel through whichever of `peers` is asked; returns that one's name and both ends. */
async function tunnelVia(
  proxy: TestProxy,
  peers: Readonly<Record<string, RawOrigin>>,
): Promise<{ readonly name: string; readonly client: RawClient; readonly far: RawClient }> {
  const client = await RawClient.connect(proxy.port);
  const before = new Map(Object.entries(peers).map(([name, { accepted }]) => [name, accepted]));
  const answer = client.tunnel('origin.example:443');
  const asked = (): [string, RawOrigin] | undefined =>
    Object.entries(peers).find(([name, { accepted }]) => accepted !== before.get(name));
  await eventually(() => asked() !== undefined, 'a peer to be asked');
  const [name, peer] = asked() as [string, RawOrigin];
  const far = await peer.accept();
  await far.head();
  far.send(OK);
  if (!(await answer).startsWith('HTTP/1.1 200 ')) throw new Error('No tunnel');
  return { name, client, far };
}

t.test('roundRobin takes turns', async (t) => {
  await using a = await rawOrigin();
  await using b = await rawOrigin();
  await using proxy = await startBalanced('roundRobin', { a, b });
  await using stack = new AsyncDisposableStack();
  const names: string[] = [];
  for (let i = 0; i < 4; i += 1) {
    const tunnel = await tunnelVia(proxy, { a, b });
    stack.use(tunnel.client);
    names.push(tunnel.name);
  }
  t.same(names, ['a', 'b', 'a', 'b']);
});

t.test('leastTunnels takes the peer with the fewest, counted while they are open', async (t) => {
  await using a = await rawOrigin();
  await using b = await rawOrigin();
  await using proxy = await startBalanced('leastTunnels', { a, b });
  const first = await tunnelVia(proxy, { a, b });
  const second = await tunnelVia(proxy, { a, b });
  const third = await tunnelVia(proxy, { a, b });
  t.not(second.name, first.name, 'which one is first is chance');
  const [busy, calm] = third.name === first.name ? [first, second] : [second, first];
  t.same([peerOf(proxy, busy.name).openTunnels, peerOf(proxy, calm.name).openTunnels], [2, 1]);
  for (const { client, far } of [busy, third]) {
    client.end();
    far.end();
  }
  await proxy.ended(2);
  t.equal(peerOf(proxy, busy.name).openTunnels, 0);
  const fourth = await tunnelVia(proxy, { a, b });
  t.equal(fourth.name, busy.name, 'it is the emptier now');
  for (const { client, far } of [calm, fourth]) {
    client.end();
    far.end();
  }
  await proxy.ended(4);
  t.same([peerOf(proxy, 'a').openTunnels, peerOf(proxy, 'b').openTunnels], [0, 0]);
});

function startBalanced(balance: string, peers: Readonly<Record<string, RawOrigin>>): Promise<TestProxy> {
  const entries = Object.entries(peers).map(([name, { port }]) => `${name}: { address: 127.0.0.1:${port} }`);
  const names = Object.keys(peers).join(', ');
  return startProxy(
    yamlOf({
      peers: `{ ${entries.join(', ')} }`,
      routes: `[{ name: out, peers: [${names}], balance: ${balance} }]`,
    }),
  );
}

t.test(
  'sourceHash takes the same peer for a client each time, and another while that one is down',
  async (t) => {
    await using a = await rawOrigin();
    await using b = await rawOrigin();
    await using proxy = await startBalanced('sourceHash', { a, b });
    await using stack = new AsyncDisposableStack();
    const names: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      const tunnel = await tunnelVia(proxy, { a, b });
      stack.use(tunnel.client);
      names.push(tunnel.name);
    }
    t.equal(new Set(names).size, 1);
    const [name = ''] = names;
    const peer = peerOf(proxy, name);
    peer.failed('peer_timeout', proxy.proxy.context.tools.wheel.now());
    const other = await tunnelVia(proxy, { a, b });
    stack.use(other.client);
    t.not(other.name, name);
    peer.succeeded();
    const again = await tunnelVia(proxy, { a, b });
    stack.use(again.client);
    t.equal(again.name, name);
  },
);

for (const [kind, ask] of Object.entries(KINDS)) {
  // Attacks: no-direct.
  t.test(`${kind}: with every peer full the answer is 503, and is no fault of theirs`, async (t) => {
    await using peer = await rawOrigin();
    await using proxy = await startProxy(
      yamlOf({
        peers: `{ a: { address: 127.0.0.1:${peer.port}, maxTunnels: 1 } }`,
        routes: '[{ name: out, peers: [a] }]',
      }),
    );
    const first = await tunnelVia(proxy, { a: peer });
    await using client = await RawClient.connect(proxy.port);
    client.send(ask);
    const answer = await readAnswer(client);
    t.equal(answer.first, 'HTTP/1.1 503 Every peer is full (t)');
    t.equal(answer.fields['proxy-status'], 't;error=connection_limit_reached;details="peers_full"');
    t.equal(answer.fields['retry-after'], '1');
    t.match(await proxy.ended(1), [
      { outcome: 'failed', reason: 'peers_full', status: 503, peer: undefined },
    ]);
    t.same(proxy.peerFaults, []);
    first.client.end();
    first.far.end();
    await proxy.ended(2);
    const next = await tunnelVia(proxy, { a: peer });
    next.client.end();
    next.far.end();
    await proxy.ended(3);
  });
}
