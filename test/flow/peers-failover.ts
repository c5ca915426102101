/** Peers at fault: who is asked next, who is left alone for a while, and what a client is told when nobody is left. */
import t, { type Test } from 'tap';
import { readAnswer } from '../fixtures/answer.ts';
import { blackHole } from '../fixtures/black-hole.ts';
import { startFirstTier, startSecondTier } from '../fixtures/chain.ts';
import { RawClient } from '../fixtures/client.ts';
import { rawOrigin, tcpOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { slowNameServer } from '../fixtures/slow-name-server.ts';
import { closedPort } from '../fixtures/sockets.ts';

/** Both kinds of transaction, as a client asks for them. */
const KINDS = {
  CONNECT: (port = 443) => `CONNECT origin.example:${port} HTTP/1.1\r\nHost: x\r\n\r\n`,
  GET: (port = 80) => `GET http://origin.example:${port}/ HTTP/1.1\r\nHost: x\r\n\r\n`,
} as const;

/** A whole answer to either kind: to CONNECT, the length says nothing. */
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

function peerOf(proxy: TestProxy, name: string): { readonly isUp: boolean } {
  const peer = proxy.proxy.context.generation.peers.get(name);
  if (peer === undefined) throw new Error(`No peer "${name}"`);
  return peer;
}

for (const [kind, ask] of Object.entries(KINDS)) {
  t.test(
    `${kind}: after a peer that is down comes the next, and the first is left alone for a while`,
    async (t) => {
      await using broken = await tcpOrigin(
        (socket) => void socket.once('data', () => socket.resetAndDestroy()),
      );
      await using next = await rawOrigin();
      await using proxy = await startFirstTier([broken.port, next.port]);
      const once = async (): Promise<void> => {
        await using client = await RawClient.connect(proxy.port);
        client.send(ask());
        const far = await next.accept();
        await far.head();
        far.send(OK);
        t.match(await client.head(), /^HTTP\/1\.1 200 /);
        far.end();
        client.end();
        await client.rest();
      };
      if (kind === 'GET') {
        // It may have seen the request, which is not sent twice; but it counts.
        await using client = await RawClient.connect(proxy.port);
        client.send(ask());
        t.match(await readAnswer(client), { first: 'HTTP/1.1 502 Peer closed the connection (t1)' });
      } else await once();
      const attempts = broken.accepted;
      t.notOk(peerOf(proxy, 'p0').isUp);
      t.same(proxy.peerFaults, ['p0 peer_terminated']);
      await once();
      t.equal(broken.accepted, attempts, 'not even dialled');
      t.ok(peerOf(proxy, 'p1').isUp);
      t.equal((await proxy.ended(2))[1]?.peer, 'p1');
    },
  );

  t.test(`${kind}: a peer that nobody listens on costs the client nothing`, async (t) => {
    const port = await closedPort();
    await using origin = await rawOrigin();
    await using second = await startSecondTier();
    await using proxy = await startFirstTier([port, second.port]);
    await using client = await RawClient.connect(proxy.port);
    client.send(ask(origin.port));
    const far = await origin.accept();
    if (kind === 'GET') far.send(OK);
    t.match(await client.head(), /^HTTP\/1\.1 200 /);
    far.end();
    client.end();
    t.match(await proxy.ended(1), [{ outcome: 'completed', reason: undefined, peer: 'p1' }]);
    t.same(proxy.peerFaults, ['p0 peer_unavailable']);
  });

  t.test(`${kind}: who leaves while names of peers are resolved speaks against none of them`, async (t) => {
    await using names = await slowNameServer();
    await using proxy = await startProxy(
      yamlOf({
        peers: '{ p0: { address: a.example:9 }, p1: { address: b.example:9 } }',
        routes: '[{ name: out, peers: [p0, p1] }]',
        dns: `{ hostsFile: none, servers: ["${names.address}"] }`,
      }),
    );
    await using client = await RawClient.connect(proxy.port);
    client.send(ask());
    await names.asked;
    client.reset();
    t.match(await proxy.ended(1), [{ outcome: 'client_gone', reason: 'client_gone' }]);
    t.same(proxy.peerFaults, []);
    t.ok(peerOf(proxy, 'p0').isUp && peerOf(proxy, 'p1').isUp);
    names.answer();
  });

  // Attacks: no-direct.
  t.test(`${kind}: with every peer down the answer is 503, and nobody goes direct`, async (t) => {
    const ports = [await closedPort(), await closedPort()];
    await using origin = await rawOrigin();
    await using proxy = await startFirstTier(ports);
    for (let round = 1; round <= 2; round += 1) {
      await using client = await RawClient.connect(proxy.port);
      client.send(ask(origin.port));
      const answer = await readAnswer(client);
      t.equal(answer.first, 'HTTP/1.1 503 No peer can be reached (t1)');
      t.match(answer.fields['proxy-status'], /^t1;error=destination_unavailable;details="peer_unavailable"$/);
      t.equal(answer.fields['retry-after'], '1');
    }
    t.match(await proxy.ended(2), [
      { outcome: 'failed', reason: 'peer_unavailable', status: 503, peer: 'p1' },
      { outcome: 'failed', reason: 'peer_unavailable', status: 503 },
    ]);
    t.equal(proxy.peerFaults.length, 4, 'the last peers are tried though they back off');
    t.equal(origin.accepted, 0);
  });

  // Attacks: secrets.
  t.test(`${kind}: a peer that wants credentials is 502, and its challenge stays here`, async (t) => {
    await using peer = await rawOrigin();
    await using proxy = await startFirstTier([peer.port]);
    await using client = await RawClient.connect(proxy.port);
    client.send(ask());
    const far = await peer.accept();
    await far.head();
    far.send('HTTP/1.1 407 Auth\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 4\r\n\r\nwho?');
    const answer = await readAnswer(client);
    t.equal(answer.first, 'HTTP/1.1 502 Peer wants other credentials (t1)');
    t.equal(answer.fields['proxy-status'], 't1;error=proxy_configuration_error;details="peer_auth_required"');
    t.equal(answer.fields['proxy-authenticate'], undefined);
    t.notMatch(answer.body, /who/);
    t.match(await proxy.ended(1), [
      { outcome: 'failed', reason: 'peer_auth_required', error: 'proxy_configuration_error', status: 502 },
    ]);
    t.same(proxy.peerFaults, ['p0 peer_auth_required']);
  });

  t.test(`${kind}: a peer that answers garbage is 502`, async (t) => {
    await using peer = await tcpOrigin(
      (socket) => void socket.on('data', () => socket.end('SSH-2.0-x\r\n\r\n')),
    );
    await using proxy = await startFirstTier([peer.port]);
    await using client = await RawClient.connect(proxy.port);
    client.send(ask());
    t.match(await readAnswer(client), { first: 'HTTP/1.1 502 Peer answered nonsense (t1)' });
    t.match(await proxy.ended(1), [{ outcome: 'failed', reason: 'peer_protocol_error', status: 502 }]);
    t.same(proxy.peerFaults, ['p0 peer_protocol_error']);
  });

  // Attacks: no-loop.
  t.test(`${kind}: two proxies that point at each other are told apart from a slow one`, async (t) => {
    const port = await closedPort();
    const back = `{ back: { address: 127.0.0.1:${port}, hop: true } }`;
    const timeouts = '{ connect: 1h, establish: 1h }';
    await using t2 = await startSecondTier({
      timeouts,
      peers: back,
      routes: '[{ name: back, peers: [back] }]',
    });
    await using t1 = await startFirstTier([t2.port], {
      timeouts,
      listeners: `[{ name: main, address: 127.0.0.1:${port} }]`,
    });
    await using client = await RawClient.connect(t1.port);
    client.send(ask());
    const answer = await readAnswer(client);
    t.equal(answer.first, 'HTTP/1.1 502 Proxy loop (t1)');
    t.match(answer.fields['proxy-status'], /^t1;error=proxy_loop_detected;[^,]*, t2;[^,]*/);
    t.match(await t2.ended(1), [{ outcome: 'failed', reason: 'peer_failed', error: 'proxy_loop_detected' }]);
    t.match(await t1.ended(2), [
      { reason: 'loop_detected', peer: undefined },
      { peer: 'p0', status: 502 },
    ]);
  });
}

/** One CONNECT to a peer of which the answer never comes: no clock but timeouts.establish can end it. */
async function expectTimeout(t: Test, peerPort: number): Promise<void> {
  await using proxy = await startFirstTier([peerPort], { timeouts: '{ establish: 200ms, connect: 1h }' });
  await using client = await RawClient.connect(proxy.port);
  client.send(KINDS.CONNECT());
  const answer = await readAnswer(client);
  t.equal(answer.first, 'HTTP/1.1 504 Peer did not answer in time (t1)');
  t.match(await proxy.ended(1), [{ outcome: 'failed', reason: 'peer_timeout', status: 504, peer: 'p0' }]);
  t.same(proxy.peerFaults, ['p0 peer_timeout']);
  t.notOk(peerOf(proxy, 'p0').isUp);
}

t.test('a peer that accepts and is silent is 504 within timeouts.establish', async (t) => {
  await using peer = await rawOrigin();
  await expectTimeout(t, peer.port);
});

t.test('a peer that cannot be connected to is 504 within timeouts.establish', async (t) => {
  await using hole = await blackHole();
  await expectTimeout(t, hole.port);
});
