import t, { type Test } from 'tap';
import { ProxyError } from '#errors.ts';
import { Abort } from '#net/abort.ts';
import { connectThroughPeers, type PeerTunnel } from '#peer/connect.ts';
import type { Balance, PeerOptions } from '#peer/options.ts';
import { Peer } from '#peer/peer.ts';
import { PeerRefusal } from '#peer/refusal.ts';
import { Selector } from '#peer/select.ts';
import { Standby } from '#peer/standby.ts';
import { HEAD_END, type Scripted, scriptedOrigin } from '../../fixtures/exchange.ts';
import { peerAt, peerOptions, peerTools, wish } from '../../fixtures/peer.ts';
import { closedPort, faultOf, until } from '../../fixtures/sockets.ts';

const HEAD = (peer: PeerOptions): string => `CONNECT a.example:443 HTTP/1.1\r\nX-Peer: ${peer.name}\r\n\r\n`;

/** A peer that answers each CONNECT with the same text. */
function answering(answer: string): (connection: Scripted) => Promise<void> {
  return async (connection) => {
    await connection.until(HEAD_END);
    connection.send(answer);
  };
}

const silent = async (): Promise<void> => {};

interface Attempt {
  readonly done: Promise<PeerTunnel>;
  readonly abort: Abort;
  readonly tools: ReturnType<typeof peerTools>;
}

/** Asks `peers` in turn; when the test is over, everything that was opened must be closed. */
function connectBy(t: Test, peers: readonly Peer[], balance: Balance = 'failover'): Attempt {
  const [tools, abort] = [peerTools(), new Abort()];
  const selector = new Selector(peers, balance);
  const done = connectThroughPeers(tools, { selector, wish: wish(), composeHead: HEAD }, abort);
  done.then(
    ({ leg, release }) => {
      leg.destroy();
      release();
    },
    () => {},
  );
  t.teardown(async () => {
    await until(() => tools.ledger.open('upstream') === 0 && tools.wheel.size === 0);
    for (const { openTunnels } of peers) if (openTunnels !== 0) throw new Error('A peer is still occupied');
  });
  return { done, abort, tools };
}

t.test('connectThroughPeers() opens a tunnel, with what the peer sent behind its answer', async (t) => {
  let asked = '';
  await using server = await scriptedOrigin(async (connection) => {
    await connection.until(HEAD_END);
    asked = connection.received();
    connection.send('HTTP/1.1 200 OK\r\nProxy-Status: t2\r\n\r\nSSH-2.0');
  });
  const peer = peerAt('vm-a', server.port);
  const tools = peerTools();
  const tunnel = await connectThroughPeers(
    tools,
    { selector: new Selector([peer], 'failover'), wish: wish(), composeHead: HEAD },
    new Abort(),
  );
  t.equal(asked, 'CONNECT a.example:443 HTTP/1.1\r\nX-Peer: vm-a\r\n\r\n');
  t.equal(tunnel.peer, peer);
  t.equal(tunnel.address, '127.0.0.1');
  t.same(tunnel.reply.headers, ['Proxy-Status', 't2']);
  t.equal(tunnel.leg.takeHeld()?.toString(), 'SSH-2.0');
  t.equal(peer.openTunnels, 1, 'the tunnel is open');
  tunnel.release();
  t.equal(peer.openTunnels, 0);
  tunnel.leg.destroy();
  await until(() => tools.ledger.open('upstream') === 0);
});

t.test('connectThroughPeers() tells of each peer before it is dialled', async (t) => {
  await using server = await scriptedOrigin(answering('HTTP/1.1 200 OK\r\n\r\n'));
  const peers = [peerAt('vm-a', await closedPort()), peerAt('vm-b', server.port), peerAt('vm-c', 9)];
  const tools = peerTools();
  const tried: [string, number][] = [];
  const request = {
    selector: new Selector(peers, 'failover'),
    wish: wish(),
    composeHead: HEAD,
    onTry: ({ name }: PeerOptions) => tried.push([name, tools.ledger.opened.upstream]),
  };
  const { leg } = await connectThroughPeers(tools, request, new Abort());
  t.same(tried, [
    ['vm-a', 0],
    ['vm-b', 1],
  ]);
  leg.destroy();
  await until(() => tools.ledger.open('upstream') === 0);
});

t.test('connectThroughPeers() takes any 2xx for an open tunnel', async (t) => {
  await using server = await scriptedOrigin(answering('HTTP/1.1 204 Fine\r\nContent-Length: 3\r\n\r\n'));
  const { done } = connectBy(t, [peerAt('vm-a', server.port)]);
  t.equal((await done).reply.status, 204);
});

t.test('connectThroughPeers() makes a peer up again that failed before', async (t) => {
  await using server = await scriptedOrigin(answering('HTTP/1.1 200 OK\r\n\r\n'));
  const peer = peerAt('vm-a', server.port);
  peer.failed('peer_timeout', 1_000);
  await connectBy(t, [peer]).done;
  t.ok(peer.isUp);
});

t.test('connectThroughPeers() passes a refusal on whole, tries no other peer, and blames none', async (t) => {
  const refusal =
    'HTTP/1.1 403 Denied by t2\r\nProxy-Status: t2;error=http_request_denied\r\nContent-Length: 3\r\n\r\nno!';
  await using server = await scriptedOrigin(answering(refusal));
  await using other = await scriptedOrigin(answering('HTTP/1.1 200 OK\r\n\r\n'));
  const peers = [peerAt('vm-a', server.port), peerAt('vm-b', other.port)];
  const fault = await faultOf(connectBy(t, peers).done);
  t.type(fault, PeerRefusal);
  t.match(fault, { reason: 'peer_refused', reply: { status: 403, phrase: 'Denied by t2' } });
  t.equal((fault as PeerRefusal).reply.body.toString(), 'no!');
  t.equal(other.connections(), 0);
  t.ok(peers.every(({ isUp }) => isUp));
});

t.test('connectThroughPeers() tries no other peer for a fault of the target', async (t) => {
  await using server = await scriptedOrigin(
    answering('HTTP/1.1 502 Bad\r\nProxy-Status: t2;error=connection_refused\r\nContent-Length: 0\r\n\r\n'),
  );
  await using other = await scriptedOrigin(answering('HTTP/1.1 200 OK\r\n\r\n'));
  const peers = [peerAt('vm-a', server.port), peerAt('vm-b', other.port)];
  t.match(await faultOf(connectBy(t, peers).done), { reason: 'peer_failed' });
  t.equal(other.connections(), 0);
  t.ok(peers.every(({ isUp }) => isUp));
});

const OWN_FAULTS: Readonly<Record<string, string>> = {
  'an internal error':
    'HTTP/1.1 500 Oops\r\nProxy-Status: t2;error=proxy_internal_error\r\nContent-Length: 0\r\n\r\n',
  'wrong credentials': 'HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n',
  'a shutdown': 'HTTP/1.1 503 Wait\r\nProxy-Status: t2;details="draining"\r\nContent-Length: 0\r\n\r\n',
  'an answer that is not HTTP': 'SSH-2.0-OpenSSH_9.2\r\n\r\n',
};

for (const [what, answer] of Object.entries(OWN_FAULTS)) {
  t.test(`connectThroughPeers() tries the next peer after ${what}`, async (t) => {
    await using server = await scriptedOrigin(answering(answer));
    await using other = await scriptedOrigin(answering('HTTP/1.1 200 OK\r\n\r\n'));
    const [bad, good] = [peerAt('vm-a', server.port), peerAt('vm-b', other.port)];
    t.equal((await connectBy(t, [bad, good]).done).peer, good);
    t.notOk(bad.isUp, 'and lets the first one rest');
    t.ok(good.isUp);
  });
}

t.test(
  'connectThroughPeers() tries the next peer after one that is down, or closes without an answer',
  async (t) => {
    await using closing = await scriptedOrigin(async (connection) => {
      await connection.until(HEAD_END);
      connection.end();
    });
    await using other = await scriptedOrigin(answering('HTTP/1.1 200 OK\r\n\r\n'));
    const [down, closes, good] = [
      peerAt('vm-a', await closedPort()),
      peerAt('vm-b', closing.port),
      peerAt('vm-c', other.port),
    ];
    t.equal((await connectBy(t, [down, closes, good]).done).peer, good);
    t.notOk(down.isUp);
    t.notOk(closes.isUp);
  },
);

// Attacks: no-forged-word.
t.test(
  'connectThroughPeers() does not believe the Proxy-Status of a peer that is no hop of ours',
  async (t) => {
    await using server = await scriptedOrigin(
      answering(
        'HTTP/1.1 502 Bad\r\nProxy-Status: x;error=proxy_internal_error\r\nContent-Length: 0\r\n\r\n',
      ),
    );
    await using other = await scriptedOrigin(answering('HTTP/1.1 200 OK\r\n\r\n'));
    const squid = peerAt('squid', server.port, { hop: false });
    const fault = await faultOf(connectBy(t, [squid, peerAt('vm-b', other.port)]).done);
    t.match(fault, { reason: 'peer_failed', peerError: undefined });
    t.equal(other.connections(), 0);
    t.ok(squid.isUp);
  },
);

t.test('connectThroughPeers() fails with the last fault when no peer is left', async (t) => {
  await using server = await scriptedOrigin(answering('HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n'));
  const peers = [peerAt('vm-a', await closedPort()), peerAt('vm-b', server.port)];
  t.match(await faultOf(connectBy(t, peers).done), { reason: 'peer_auth_required', reply: { status: 407 } });
  t.match(await faultOf(connectBy(t, []).done), { reason: 'peers_full' });
});

t.test('connectThroughPeers() still tries peers that all back off', async (t) => {
  await using server = await scriptedOrigin(answering('HTTP/1.1 200 OK\r\n\r\n'));
  const peers = [peerAt('vm-a', await closedPort()), peerAt('vm-b', server.port)];
  for (const peer of peers) peer.failed('peer_unavailable', 1_000);
  t.equal((await connectBy(t, peers).done).peer, peers[1]);
});

t.test('connectThroughPeers() does not try the next peer for a fault of ours', async (t) => {
  await using other = await scriptedOrigin(answering('HTTP/1.1 200 OK\r\n\r\n'));
  const peers = [peerAt('vm-a', other.port), peerAt('vm-b', other.port)];
  const tools = { ...peerTools(), resolve: () => Promise.reject(new ProxyError('saturated')) };
  const selector = new Selector(peers, 'failover');
  const done = connectThroughPeers(tools, { selector, wish: wish(), composeHead: HEAD }, new Abort());
  t.match(await faultOf(done), { reason: 'saturated' });
  t.equal(other.connections(), 0);
  t.ok(
    peers.every(({ isUp }) => isUp),
    'and no peer is blamed for it',
  );
});

t.test('connectThroughPeers() stops when the client leaves, and that counts against no peer', async (t) => {
  await using server = await scriptedOrigin(silent);
  const peers = [peerAt('vm-a', server.port), peerAt('vm-b', server.port)];
  const { done, abort } = connectBy(t, peers);
  const gone = new ProxyError('client_gone');
  await until(() => server.connections() === 1);
  abort.abort(gone);
  t.equal(await faultOf(done), gone);
  t.ok(peers.every(({ isUp }) => isUp));
  t.equal(server.connections(), 1);
});

t.test(
  'connectThroughPeers() blames the peer that was waited for when the time to establish is over',
  async (t) => {
    await using server = await scriptedOrigin(silent);
    const peers = [peerAt('vm-a', server.port), peerAt('vm-b', server.port)];
    const { done, abort } = connectBy(t, peers);
    const late = new ProxyError('peer_timeout');
    await until(() => server.connections() === 1);
    abort.abort(late);
    t.equal(await faultOf(done), late);
    t.same(
      peers.map(({ isUp }) => isUp),
      [false, true],
    );
  },
);

t.test('connectThroughPeers() knows only the abort when the name of a peer fails after it', async (t) => {
  const peer = peerAt('vm-a', 9);
  const resolved = Promise.withResolvers<never>();
  const tools = { ...peerTools(), resolve: () => resolved.promise };
  const abort = new Abort();
  const selector = new Selector([peer], 'failover');
  const done = faultOf(connectThroughPeers(tools, { selector, wish: wish(), composeHead: HEAD }, abort));
  const gone = new ProxyError('client_gone');
  abort.abort(gone);
  resolved.reject(new ProxyError('dns_timeout'));
  t.equal(await done, gone);
  t.ok(peer.isUp);
});

/** A peer with room for one. */
function narrow(name: string, port: number, isAsked = false): Peer {
  let left = 1;
  const slots = {
    take: () => {
      const isTaken = left > 0;
      if (isTaken) left -= 1;
      return isAsked ? Promise.resolve(isTaken) : isTaken;
    },
    giveBack: () => {
      left += 1;
    },
  };
  return new Peer(peerOptions(name, port), { slots });
}

for (const isAsked of [false, true]) {
  const where = isAsked ? 'with others' : 'here';
  t.test(`connectThroughPeers() passes over a peer that is full, counted ${where}`, async (t) => {
    await using server = await scriptedOrigin(answering('HTTP/1.1 200 OK\r\n\r\n'));
    const [first, second] = [narrow('vm-a', server.port, isAsked), narrow('vm-b', server.port, isAsked)];
    const tools = peerTools();
    const selector = new Selector([first, second], 'failover');
    const connect = (): Promise<PeerTunnel> =>
      connectThroughPeers(tools, { selector, wish: wish(), composeHead: HEAD }, new Abort());
    const open = [await connect(), await connect()];
    t.same(
      open.map(({ peer }) => peer.name),
      ['vm-a', 'vm-b'],
    );
    t.match(await faultOf(connect()), { reason: 'peers_full' });
    t.ok(first.isUp && second.isUp, 'which is no fault');
    open[1]?.release();
    const last = await connect();
    t.equal(last.peer, second, 'and is over when a tunnel is');
    for (const { leg, release } of [...open, last]) {
      leg.destroy();
      release();
    }
    await until(() => tools.ledger.open('upstream') === 0);
  });
}

t.test('connectThroughPeers() gives back the room that it got too late', async (t) => {
  const granted = Promise.withResolvers<boolean>();
  let given = 0;
  const giveBack = (): void => {
    given += 1;
  };
  const slots = { take: () => granted.promise, giveBack };
  const peer = new Peer(peerOptions('vm-a', 9), { slots });
  const abort = new Abort();
  const gone = new ProxyError('client_gone');
  const request = { selector: new Selector([peer], 'failover'), wish: wish(), composeHead: HEAD };
  const done = faultOf(connectThroughPeers(peerTools(), request, abort));
  abort.abort(gone);
  granted.resolve(true);
  t.equal(await done, gone);
  t.same([given, peer.openTunnels, peer.isUp], [1, 0, true]);
});

t.test('connectThroughPeers() stops trying when too many have been tried in vain', async (t) => {
  await using server = await scriptedOrigin(async (connection) => {
    await connection.until(HEAD_END);
    connection.end();
  });
  const peers = [peerAt('vm-a', server.port), peerAt('vm-b', server.port)];
  const selector = new Selector(peers, 'failover');
  const tools = peerTools();
  const ask = (): Promise<unknown> =>
    faultOf(connectThroughPeers(tools, { selector, wish: wish(), composeHead: HEAD }, new Abort()));
  for (let i = 0; i < 40; i += 1) t.match(await ask(), { reason: 'peer_terminated' });
  t.equal(server.connections(), 40 + 18, 'ten, and a fifth of the requests');
  await until(() => tools.ledger.open('upstream') === 0);
});

t.test('connectThroughPeers() asks over a connection that was opened ahead', async (t) => {
  await using server = await scriptedOrigin(answering('HTTP/1.1 200 OK\r\n\r\n'));
  const peer = peerAt('vm-a', server.port);
  const tools = peerTools();
  const standby = new Standby({ peer, count: 1, tools: () => tools });
  peer.warm = standby;
  await until(() => standby.size === 1);
  const dialled = tools.ledger.opened.upstream;
  const request = { selector: new Selector([peer], 'failover'), wish: wish(), composeHead: HEAD };
  const { leg, address, release } = await connectThroughPeers(tools, request, new Abort());
  t.equal(address, '127.0.0.1');
  t.equal(tools.ledger.opened.upstream, dialled + 1, 'only the one that takes its place was dialled');
  leg.destroy();
  release();
  standby.stop();
  await until(() => tools.ledger.open('upstream') === 0);
});

t.test(
  'connectThroughPeers() goes on afresh where such a connection was dead, and blames nobody',
  async (t) => {
    await using server = await scriptedOrigin(async (connection) => {
      await connection.until(HEAD_END);
      connection.reset();
    }, answering('HTTP/1.1 200 OK\r\n\r\n'));
    const faults: string[] = [];
    const peer = new Peer(peerOptions('vm-a', server.port), {
      onFault: (name, reason) => void faults.push(`${name} ${reason}`),
    });
    const tools = peerTools();
    const standby = new Standby({ peer, count: 1, tools: () => tools });
    await until(() => standby.size === 1);
    const warm = standby.take();
    standby.stop();
    peer.warm = { size: 1, wanted: 1, take: () => warm };
    const request = { selector: new Selector([peer], 'failover'), wish: wish(), composeHead: HEAD };
    const tunnel = await connectThroughPeers(tools, request, new Abort());
    t.equal(tunnel.reply.status, 200);
    t.same(faults, []);
    t.equal(peer.openTunnels, 1);
    tunnel.leg.destroy();
    tunnel.release();
    await until(() => tools.ledger.open('upstream') === 0);
  },
);

/** A warm connection to a peer that never answers, and another peer that does. */
async function askInTheDark(
  t: Test,
): Promise<Attempt & { readonly dark: Peer; readonly asked: Promise<void> }> {
  const asked = Promise.withResolvers<void>();
  const server = await scriptedOrigin(async (connection) => {
    await connection.until(HEAD_END);
    asked.resolve();
  });
  const other = await scriptedOrigin(answering('HTTP/1.1 200 OK\r\n\r\n'));
  t.teardown(() => Promise.all([server, other].map((one) => one[Symbol.asyncDispose]())));
  const dark = peerAt('vm-a', server.port);
  const tools = peerTools();
  const standby = new Standby({ peer: dark, count: 1, tools: () => tools });
  await until(() => standby.size === 1);
  const warm = standby.take();
  standby.stop();
  dark.warm = { size: 1, wanted: 1, take: () => warm };
  return { ...connectBy(t, [dark, peerAt('vm-b', other.port)]), dark, asked: asked.promise };
}

t.test('connectThroughPeers() does not wait for a peer that has gone dark meanwhile', async (t) => {
  const { done, dark, asked, tools } = await askInTheDark(t);
  await asked;
  tools.clock.advance(3_900);
  dark.failed('peer_timeout', tools.wheel.now(), true);
  t.equal(dark.openTunnels, 1, 'it has its time');
  tools.clock.advance(200);
  t.equal((await done).peer.name, 'vm-b');
  t.equal(dark.openTunnels, 0);
});

t.test('connectThroughPeers() waits on for a peer that is there, and thinks again', async (t) => {
  const { done, dark, asked, tools } = await askInTheDark(t);
  await asked;
  tools.clock.advance(8_000);
  t.equal(dark.openTunnels, 1, 'its target may be slow');
  dark.failed('peer_timeout', tools.wheel.now(), true);
  tools.clock.advance(200);
  t.equal((await done).peer.name, 'vm-b');
});

t.test('connectThroughPeers() waits on for a peer that is there, whatever its faults', async (t) => {
  const { done, abort, dark, asked, tools } = await askInTheDark(t);
  await asked;
  for (const reason of ['peer_faulty', 'peer_timeout', 'tls_certificate_error'] as const) {
    dark.failed(reason, tools.wheel.now());
    tools.clock.advance(5_000);
    t.equal(dark.openTunnels, 1, `it may be at work on it, though another had ${reason}`);
  }
  dark.failed('peer_timeout', tools.wheel.now(), true);
  dark.reached();
  tools.clock.advance(5_000);
  t.equal(dark.openTunnels, 1, 'it is there again');
  const late = new ProxyError('peer_timeout');
  abort.abort(late);
  t.equal(await faultOf(done), late);
  t.notOk(dark.isUnreached, 'which tells nothing of it');
});

t.test('connectThroughPeers() knows whether a peer could be connected to', async (t) => {
  await using server = await scriptedOrigin(answering('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'));
  const [down, good] = [peerAt('vm-a', await closedPort()), peerAt('vm-b', server.port)];
  good.failed('peer_unavailable', 0, true);
  await faultOf(connectBy(t, [down, good]).done);
  t.same([down.isUnreached, good.isUnreached], [true, false]);
});

t.test('connectThroughPeers() has no doubt left of an answer that has come', async (t) => {
  await using server = await scriptedOrigin(answering('HTTP/1.1 200 OK\r\n\r\n'));
  const peers = [peerAt('vm-a', server.port), peerAt('vm-b', server.port)];
  const tools = peerTools();
  const standby = new Standby({ peer: peers[0] as Peer, count: 1, tools: () => tools });
  await until(() => standby.size === 1);
  const warm = standby.take();
  standby.stop();
  (peers[0] as Peer).warm = { size: 1, wanted: 1, take: () => warm };
  const { done, tools: own } = connectBy(t, peers);
  t.equal((await done).peer.name, 'vm-a');
  t.equal(own.wheel.size, 0);
});
