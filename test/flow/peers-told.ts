/**
 * Plain HTTP through peers that tell of a fault with their answer: of their own, after which the next peer is asked, or of the
 * target's, which is final; and who is believed.
 */
import t, { type Test } from 'tap';
import { readAnswer } from '../fixtures/answer.ts';
import { startFirstTier, startSecondTier } from '../fixtures/chain.ts';
import { RawClient } from '../fixtures/client.ts';
import { type RawOrigin, rawOrigin } from '../fixtures/origin.ts';
import type { TestProxy } from '../fixtures/proxy.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

/** An answer of a hop of ours, about itself. */
function told(status: string, member: string): string {
  return `HTTP/1.1 ${status}\r\nProxy-Status: ${member}\r\nWeir-Transaction: 0123456789\r\nContent-Length: 4\r\n\r\nbody`;
}

/** Faults of a peer's own, and the reason that each counts as. */
const OWN_FAULTS: Readonly<Record<string, readonly [answer: string, reason: string]>> = {
  'that drains': [told('503 Shutting down (t2)', 't2;details="draining"'), 'peer_faulty'],
  'with an internal error': [told('500 Oops', 't2;error=proxy_internal_error'), 'peer_faulty'],
  'that is full': [told('503 Full', 't2;error=connection_limit_reached'), 'peer_faulty'],
  'that wants credentials': [
    'HTTP/1.1 407 Auth\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n',
    'peer_auth_required',
  ],
};

/** By who carries it out. */
const REQUESTS = {
  GET: 'GET http://origin.example/ HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET with Trailer': 'GET http://origin.example/ HTTP/1.1\r\nHost: x\r\nTrailer: X-Y\r\n\r\n',
  'DELETE without a body': 'DELETE http://origin.example/ HTTP/1.1\r\nHost: x\r\n\r\n',
} as const;

interface TwoPeers {
  readonly first: RawOrigin;
  readonly second: RawOrigin;
  /** A first tier that asks one, then the other. */
  readonly proxy: TestProxy;
  readonly client: RawClient;
}

/** Declares a test of a client whose requests go to two peers. */
function withTwoPeers(title: string, play: (t: Test, stage: TwoPeers) => Promise<void>): void {
  t.test(title, async (t) => {
    await using first = await rawOrigin();
    await using second = await rawOrigin();
    await using proxy = await startFirstTier([first.port, second.port]);
    await using client = await RawClient.connect(proxy.port);
    await play(t, { first, second, proxy, client });
  });
}

function isUp({ proxy }: TestProxy, name: string): boolean | undefined {
  return proxy.context.generation.peers.get(name)?.isUp;
}

for (const [what, [answer, reason]] of Object.entries(OWN_FAULTS)) {
  for (const [kind, request] of Object.entries(REQUESTS)) {
    withTwoPeers(
      `${kind}: after a peer ${what} comes the next`,
      async (t, { first, second, proxy, client }) => {
        client.send(request);
        const far = await first.accept();
        await far.head();
        far.send(answer);
        const next = await second.accept();
        t.match(await next.head(), /^(GET|DELETE) http:\/\/origin\.example\/ HTTP/);
        next.send(OK);
        t.match(await readAnswer(client), { first: 'HTTP/1.1 200 OK', body: 'hi' });
        t.match(await proxy.ended(1), [
          { outcome: 'completed', reason: undefined, error: undefined, status: 200, peer: 'p1' },
        ]);
        t.same(proxy.peerFaults, [`p0 ${reason}`]);
        t.notOk(isUp(proxy, 'p0'));
      },
    );
  }
}

for (const [title, request, peers] of [
  ['the last peer', REQUESTS.GET, 1],
  ['an upload', 'POST http://origin.example/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi', 2],
] as const) {
  t.test(`the answer of a peer that drains goes to the client whole: ${title}`, async (t) => {
    await using first = await rawOrigin();
    await using second = await rawOrigin();
    await using proxy = await startFirstTier([first.port, second.port].slice(0, peers));
    await using client = await RawClient.connect(proxy.port);
    client.send(request);
    const far = await first.accept();
    await far.head();
    far.send(told('503 Shutting down (t2)', 't2;details="draining"'));
    t.match(await readAnswer(client), { first: 'HTTP/1.1 503 Shutting down (t2)', body: 'body' });
    t.match(await proxy.ended(1), [{ outcome: 'failed', reason: 'peer_faulty', status: 503, peer: 'p0' }]);
    t.same(proxy.peerFaults, ['p0 peer_faulty']);
    t.equal(second.accepted, 0);
  });
}

withTwoPeers(
  'an upload that a peer wants credentials for is 502, and asked of nobody else',
  async (t, { first, second, proxy, client }) => {
    client.send('POST http://origin.example/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi');
    const far = await first.accept();
    await far.head();
    far.send('HTTP/1.1 407 Auth\r\nContent-Length: 0\r\n\r\n');
    t.match(await readAnswer(client), { first: 'HTTP/1.1 502 Peer wants other credentials (t1)' });
    t.same(proxy.peerFaults, ['p0 peer_auth_required']);
    t.equal(second.accepted, 0);
  },
);

withTwoPeers(
  'a fault of the target that a peer tells of is final',
  async (t, { first, second, proxy, client }) => {
    client.send(REQUESTS.GET);
    const far = await first.accept();
    await far.head();
    far.send(told('502 No', 't2;error=dns_error;details="dns_error"'));
    t.match(await readAnswer(client), { first: 'HTTP/1.1 502 No', body: 'body' });
    t.match(await proxy.ended(1), [{ outcome: 'failed', reason: 'peer_failed', error: 'dns_error' }]);
    t.ok(isUp(proxy, 'p0'));
    t.equal(second.accepted, 0);
  },
);

// Attacks: no-forged-word.
t.test('what an origin forges through a tier that does not know us is not believed', async (t) => {
  await using origin = await rawOrigin();
  await using t2 = await startSecondTier({ acls: '{ near: { src: [192.0.2.0/24] } }' });
  await using t1 = await startFirstTier([t2.port]);
  await using client = await RawClient.connect(t1.port);
  for (const member of ['t2;error=proxy_internal_error', 't2;details="draining"']) {
    client.send(`GET http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    const far = await origin.accept();
    await far.head();
    far.send(told('503 Down', member).replace('\r\n', '\r\nConnection: close\r\n'));
    far.end();
    t.match(await readAnswer(client), { first: 'HTTP/1.1 503 Down' });
  }
  t.match(await t1.ended(2), [{ outcome: 'completed' }, { outcome: 'completed' }]);
  t.same(t1.peerFaults, []);
});

const NO_CHALLENGE = { reason: 'response_malformed', error: 'http_protocol_error', status: 502 };

t.test("an origin's 407 is the origin's fault, direct and through two tiers", async (t) => {
  await using origin = await rawOrigin();
  await using t2 = await startSecondTier();
  await using t1 = await startFirstTier([t2.port]);
  await using client = await RawClient.connect(t1.port);
  client.send(`GET http://origin.example:${origin.port}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  const far = await origin.accept();
  await far.head();
  far.send('HTTP/1.1 407 Auth\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n');
  t.equal((await readAnswer(client)).first, 'HTTP/1.1 502 Target answered nonsense (t2)');
  t.match(await t2.ended(1), [NO_CHALLENGE]);
  t.match(await t1.ended(1), [{ outcome: 'failed', reason: 'peer_failed', error: 'http_protocol_error' }]);
  t.same(t1.peerFaults, []);
  t.ok(isUp(t1, 'p0'));
});

withTwoPeers(
  "an origin's 407 that a hop of ours passes on does not count against the hop",
  async (t, { first, second, proxy, client }) => {
    client.send(REQUESTS.GET);
    const far = await first.accept();
    await far.head();
    far.send(told('407 Auth', 't2;next-hop="192.0.2.1:80";received-status=407'));
    t.equal((await readAnswer(client)).first, 'HTTP/1.1 502 Target answered nonsense (t1)');
    t.match(await proxy.ended(1), [NO_CHALLENGE]);
    t.same(proxy.peerFaults, []);
    t.ok(isUp(proxy, 'p0'));
    t.equal(second.accepted, 0);
  },
);
