import t, { type Test } from 'tap';
import { ProxyError } from '#errors.ts';
import { IdleSockets } from '#net/idle-sockets.ts';
import { Peer } from '#peer/peer.ts';
import { Standby } from '#peer/standby.ts';
import { type Scripted, scriptedOrigin } from '../../fixtures/exchange.ts';
import { peerOptions, peerTools } from '../../fixtures/peer.ts';
import { closedPort, until } from '../../fixtures/sockets.ts';
import { ip } from '../../fixtures/subject.ts';

interface Stage {
  readonly standby: Standby;
  readonly peer: Peer;
  readonly tools: ReturnType<typeof peerTools>;
  readonly faults: readonly string[];
}

/** So many warm connections to the peer on `port`; all are closed with the test. */
function stage(t: Test, port: number, count = 2): Stage {
  const faults: string[] = [];
  const onFault = (name: string, reason: string): void => void faults.push(`${name} ${reason}`);
  const peer = new Peer(peerOptions('vm-a', port), { onFault });
  const tools = peerTools();
  const standby = new Standby({ peer, count, tools: () => tools });
  t.teardown(async () => {
    standby.stop();
    await until(() => tools.ledger.open('upstream') === 0);
  });
  return { standby, peer, tools, faults };
}

t.test('Standby opens so many ahead, hands one out, and opens another', async (t) => {
  await using server = await scriptedOrigin(async () => {});
  const { standby, peer, tools } = stage(t, server.port);
  t.equal(standby.wanted, 2);
  await until(() => standby.size === 2);
  t.equal(peer.openTunnels, 0, 'nothing goes through them yet');
  const warm = standby.take();
  t.equal(warm?.address, '127.0.0.1');
  t.ok(warm?.leg.isWritable);
  t.equal(standby.size, 1);
  await until(() => standby.size === 2);
  t.equal(tools.ledger.opened.upstream, 3);
  standby.stop();
  t.ok(warm?.leg.isWritable, 'what was handed out is not its own');
  warm?.leg.destroy();
});

t.test('Standby opens no more than there is room for, and again only what is missing of that', async (t) => {
  await using server = await scriptedOrigin(async () => {});
  const tools = { ...peerTools(), idle: new IdleSockets(3), resolve: () => [ip('127.0.0.1')] };
  const [one, other] = ['vm-a', 'vm-b'].map((name) => {
    const peer = new Peer(peerOptions(name, server.port));
    return new Standby({ peer, count: 2, tools: () => tools });
  }) as [Standby, Standby];
  t.teardown(async () => {
    for (const standby of [one, other]) standby.stop();
    await until(() => tools.ledger.open('upstream') === 0);
  });
  t.equal(tools.ledger.opened.upstream, 3, 'though none of them is open yet');
  await until(() => one.size === 2 && other.size === 1);
  for (const standby of [other, one]) standby.look();
  t.equal(tools.ledger.opened.upstream, 3);
  one.take()?.leg.destroy();
  other.look();
  await until(() => one.size === 2);
  t.same([tools.ledger.opened.upstream, tools.idle.size], [4, 3]);
});

t.test('Standby gives its place back where a connection comes to nothing', async (t) => {
  const { peer, tools } = stage(t, await closedPort(), 512);
  await until(() => !peer.isUp && tools.ledger.open('upstream') === 0);
  let places = 0;
  while (tools.idle.takePlace()) places += 1;
  t.equal(places, 512);
});

t.test('Standby hands out nothing before something is there', async (t) => {
  await using server = await scriptedOrigin(async () => {});
  const { standby } = stage(t, server.port);
  t.equal(standby.take(), undefined);
  await until(() => standby.size === 2);
});

t.test('Standby lets go of one that ends, or says something unasked, and replaces it', async (t) => {
  const ends: ((connection: Scripted) => Promise<void>)[] = [
    async (connection) => connection.end(),
    async (connection) => connection.send('HTTP/1.1 503 Full\r\n\r\n'),
    async (connection) => connection.reset(),
    async () => {},
  ];
  await using server = await scriptedOrigin(...ends);
  const { standby, tools, faults } = stage(t, server.port, 3);
  await until(() => server.connections() === 3 && tools.ledger.open('upstream') === 0);
  t.equal(standby.size, 0);
  standby.look();
  await until(() => standby.size === 3);
  t.same(faults, [], 'none of which is a fault');
});

t.test('Standby lets go of what is too old for the next tier', async (t) => {
  await using server = await scriptedOrigin(async () => {});
  const { standby, tools } = stage(t, server.port);
  await until(() => standby.size === 2);
  tools.clock.advance(44_999);
  standby.look();
  t.equal(standby.size, 2);
  tools.clock.advance(1);
  standby.look();
  t.equal(standby.size, 0);
  await until(() => standby.size === 2);
  t.equal(tools.ledger.opened.upstream, 4);
});

t.test('Standby hands out the newest, so that those before it are what grows old', async (t) => {
  await using server = await scriptedOrigin(async () => {});
  const { standby, tools } = stage(t, server.port);
  await until(() => standby.size === 2);
  tools.clock.advance(10_000);
  for (const _ of [1, 2]) {
    standby.take()?.leg.destroy();
    await until(() => standby.size === 2);
  }
  tools.clock.advance(35_000);
  standby.look();
  t.equal(standby.size, 1, 'one of the first two waits still');
});

t.test('Standby tells one fault where all of them fail, and leaves the peer alone meanwhile', async (t) => {
  const { standby, peer, tools, faults } = stage(t, await closedPort(), 8);
  await until(() => !peer.isUp && tools.ledger.open('upstream') === 0);
  t.same(faults, ['vm-a peer_unavailable']);
  t.ok(peer.isUnreached);
  const opened = tools.ledger.opened.upstream;
  standby.look();
  t.equal(tools.ledger.opened.upstream, opened);
  tools.clock.advance(500);
  standby.look();
  await until(() => tools.ledger.opened.upstream > opened);
  await until(() => faults.length === 2);
});

t.test('Standby blames no peer for what is given up, or for a fault of ours', async (t) => {
  const peer = new Peer(peerOptions('vm-a', 9));
  const tools = { ...peerTools(), resolve: () => Promise.reject(new ProxyError('saturated')) };
  const standby = new Standby({ peer, count: 1, tools: () => tools });
  await new Promise(setImmediate);
  t.ok(peer.isUp);
  standby.stop();
  const never = { ...peerTools(), resolve: () => Promise.withResolvers<never>().promise };
  new Standby({ peer, count: 1, tools: () => never }).stop();
  t.ok(peer.isUp);
});

t.test('Standby gives its connections up first when descriptors run out', async (t) => {
  await using server = await scriptedOrigin(async () => {});
  const { standby, tools } = stage(t, server.port);
  await until(() => standby.size === 2);
  t.ok(tools.idle.closeAll());
  t.equal(standby.size, 0);
});

t.test('Standby lets go of what waited when the peer went down, and keeps what came after', async (t) => {
  await using server = await scriptedOrigin(async () => {});
  const { standby, peer, tools } = stage(t, server.port);
  await until(() => standby.size === 2);
  peer.failed('peer_timeout', tools.wheel.now(), true);
  t.equal(standby.take(), undefined, 'it may be dead without knowing it');
  t.equal(standby.size, 0);
  tools.clock.advance(500);
  standby.look();
  await until(() => standby.size === 2);
  t.notOk(peer.isUnreached, 'they show that it is there');
  standby.look();
  t.equal(standby.size, 2);
  const warm = standby.take();
  t.ok(warm?.leg.isWritable, 'though the peer is not known to be up');
  warm?.leg.destroy();
});

t.test('Standby looks for what may be dead as well', async (t) => {
  await using server = await scriptedOrigin(async () => {});
  const { standby, peer, tools } = stage(t, server.port);
  await until(() => standby.size === 2);
  peer.failed('peer_timeout', tools.wheel.now());
  standby.look();
  t.equal(standby.size, 0);
});
