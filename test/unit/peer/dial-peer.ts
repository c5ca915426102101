import t from 'tap';
import { ProxyError } from '#errors.ts';
import { Abort } from '#net/abort.ts';
import { parseAuthority } from '#net/authority.ts';
import type { Leg } from '#net/leg.ts';
import { dialPeer, type PeerTools, peerAddresses } from '#peer/dial-peer.ts';
import type { PeerOptions } from '#peer/options.ts';
import { peerOptions, peerTools } from '../../fixtures/peer.ts';
import { closedPort, faultOf, Sockets, until } from '../../fixtures/sockets.ts';
import { ip } from '../../fixtures/subject.ts';

interface Dialled {
  readonly leg: Leg;
  readonly address: string;
}

/** Dials a peer, as a promise. */
function dialled(tools: PeerTools, options: PeerOptions, abort: Abort): Promise<Dialled> {
  return new Promise((resolve, reject) => {
    const onDialled = (leg: Leg, address: string): void => resolve({ leg, address });
    dialPeer({ tools, options, tls: undefined, abort }, { onDialled, onFault: reject });
  });
}

t.test('dialPeer() connects to the peer, and tells the address that it dialled', async (t) => {
  await using sockets = await Sockets.open();
  const tools = peerTools();
  const { leg, address } = await dialled(tools, peerOptions('vm-a', sockets.port), new Abort());
  t.equal(address, '127.0.0.1');
  t.equal(leg.remote?.port, sockets.port);
  leg.destroy();
  await until(() => tools.ledger.open('upstream') === 0);
});

t.test('dialPeer() tries the addresses of the peer’s name in turn', async (t) => {
  await using sockets = await Sockets.open();
  const asked: string[] = [];
  const tools = {
    ...peerTools(),
    resolve: async ({ text }: { text: string }) => {
      asked.push(text);
      // Nobody listens on the first two: the server has only 127.0.0.1, and no test has those.
      return [ip('127.0.7.2'), ip('127.0.7.3'), ip('127.0.0.1'), ip('127.0.7.4')];
    },
  };
  const options = peerOptions('vm-a', 1, { address: parseAuthority(`peer.example:${sockets.port}`) });
  const { leg, address } = await dialled(tools, options, new Abort());
  t.equal(address, '127.0.0.1');
  t.same(asked, ['peer.example']);
  t.equal(tools.ledger.opened.upstream, 3);
  leg.destroy();
});

t.test('dialPeer() tells the last fault of the peer', async (t) => {
  const port = await closedPort();
  t.match(await faultOf(dialled(peerTools(), peerOptions('vm-a', port), new Abort())), {
    reason: 'peer_unavailable',
    message: `Cannot reach peer "vm-a" (127.0.0.1:${port}): Cannot connect to 127.0.0.1 port ${port}: ECONNREFUSED`,
  });
});

for (const [what, connectTimeoutMs, waitMs] of [
  ['its own time', 1_000, 1_000],
  ['the time of all peers', undefined, 4_000],
] as const) {
  t.test(`dialPeer() gives a peer ${what} to connect`, async (t) => {
    await using sockets = await Sockets.open();
    const tools = { ...peerTools() };
    // On the way from the name to the dial there are only promises; the timer comes when the dial is under way.
    const fault = faultOf(
      dialled(tools, peerOptions('vm-a', sockets.port, { connectTimeoutMs }), new Abort()),
    );
    while (tools.wheel.size === 0) await Promise.resolve();
    tools.clock.advance(waitMs - 50);
    t.equal(tools.wheel.size, 1);
    tools.clock.advance(100);
    t.match(await fault, { reason: 'peer_timeout' });
  });
}

t.test(
  'dialPeer() counts a name without an address, or that cannot be resolved, as a fault of the peer',
  async (t) => {
    const options = peerOptions('vm-a', 9);
    const none = { ...peerTools(), resolve: async () => [] };
    t.match(await faultOf(dialled(none, options, new Abort())), { reason: 'peer_unavailable' });
    const failing = {
      ...peerTools(),
      resolve: () => Promise.reject(new ProxyError('dns_error', { detail: 'Cannot resolve' })),
    };
    t.match(await faultOf(dialled(failing, options, new Abort())), { reason: 'peer_unavailable' });
    t.match(await faultOf(Promise.resolve(peerAddresses(failing, options))), {
      reason: 'peer_unavailable',
      message: 'Cannot reach peer "vm-a" (127.0.0.1:9): Cannot resolve',
    });
  },
);

t.test('dialPeer() stops at an abort, and asks no further address', async (t) => {
  await using sockets = await Sockets.open();
  const tools = { ...peerTools(), resolve: async () => [ip('127.0.0.1'), ip('127.0.0.1')] };
  const abort = new Abort();
  const gone = new ProxyError('client_gone');
  const fault = faultOf(dialled(tools, peerOptions('vm-a', sockets.port), abort));
  while (tools.ledger.opened.upstream === 0) await Promise.resolve();
  abort.abort(gone);
  t.equal(await fault, gone);
  t.equal(tools.ledger.opened.upstream, 1);
  await until(() => tools.ledger.open('upstream') === 0);
});

t.test('dialPeer() does not begin after an abort, and listens to it no more once it is done', async (t) => {
  await using sockets = await Sockets.open();
  const [tools, abort] = [peerTools(), new Abort()];
  const { leg } = await dialled(tools, peerOptions('vm-a', sockets.port), abort);
  const gone = new ProxyError('client_gone');
  abort.abort(gone);
  t.notOk(leg.destroyed, 'the leg is its new owner’s');
  t.equal(await faultOf(dialled(tools, peerOptions('vm-a', sockets.port), abort)), gone);
  t.equal(tools.ledger.opened.upstream, 1);
  leg.destroy();
  await until(() => tools.ledger.open('upstream') === 0);
});

/** At whose port this process listens, on these addresses. */
function at(port: number, ...own: readonly string[]): Pick<PeerTools, 'ownPorts'> {
  return { ownPorts: { has: ({ text }, asked) => asked === port && own.includes(text) } };
}

for (const [how, resolve] of [
  ['at once', () => [ip('127.0.0.1'), ip('127.0.0.2')]],
  ['later', async () => [ip('127.0.0.1'), ip('127.0.0.2')]],
] as const) {
  t.test(
    `dialPeer() dials nobody where the name leads back here and nowhere else, known ${how}`,
    async (t) => {
      await using sockets = await Sockets.open();
      const { port } = sockets;
      const tools = { ...peerTools(), resolve, ...at(port, '127.0.0.1', '127.0.0.2') };
      const options = peerOptions('vm-a', 1, { address: parseAuthority(`peer.example:${port}`) });
      t.match(await faultOf(dialled(tools, options, new Abort())), {
        reason: 'peer_is_self',
        message: `Cannot go through peer "vm-a" (peer.example:${port}): it leads back to this proxy`,
      });
      t.equal(tools.ledger.opened.upstream, 0);
    },
  );

  t.test(`dialPeer() passes over an address that leads back here, known ${how}`, async (t) => {
    await using sockets = await Sockets.open();
    const { port } = sockets;
    const tools = { ...peerTools(), resolve, ...at(port, '127.0.0.2') };
    const { leg, address } = await dialled(tools, peerOptions('vm-a', port), new Abort());
    t.equal(address, '127.0.0.1');
    leg.destroy();
    t.match(await peerAddresses(tools, peerOptions('vm-a', port + 1)), { length: 2 }, 'another port');
  });
}
