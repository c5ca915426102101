/** `sni: verify`: not one byte of the client leaves before its ClientHello names the host of the CONNECT. */
import t from 'tap';
import { LENGTHS, startChain, through } from '../fixtures/chain.ts';
import { RawClient } from '../fixtures/client.ts';
import { clientHello, type HelloParts, helloMessage, recordsOf } from '../fixtures/client-hello.ts';
import { rawOrigin, tlsOrigin } from '../fixtures/origin.ts';
import { owned } from '../fixtures/owned.ts';
import { allRead, startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { assertCut, GOOD_HELLO, openStage, VERIFY } from '../fixtures/stage.ts';
import { Issuer } from '../fixtures/tls.ts';
import { getThrough } from '../fixtures/tls-client.ts';

const issuer = owned(t, await Issuer.open());
const { ca } = issuer;
const certificate = await issuer.issue('origin.example');

for (const length of LENGTHS) {
  t.test(`real TLS to the host of the CONNECT passes, ${through(length)}`, async (t) => {
    await using origin = await tlsOrigin(certificate, (_, response) => response.end('hello'));
    await using chain = await startChain(length, VERIFY);
    const outcome = await getThrough({
      proxyPort: chain.port,
      target: `origin.example:${origin.port}`,
      serverName: 'Origin.example',
      ca,
      alpn: ['http/1.1'],
    });
    t.match(outcome, { status: 200, answer: /hello$/, error: undefined });
    for (const { proxy, ended } of chain.tiers.map((proxy) => ({ proxy, ended: proxy.ended(1) }))) {
      t.match(await ended, [{ sni: 'origin.example', alpn: ['http/1.1'], reason: undefined, rule: 'tls' }]);
      t.match(
        proxy.records.find(({ event }) => event === 'open'),
        { sni: 'origin.example' },
        'known when the tunnel opens',
      );
    }
  });
}

// Attacks: no-early-byte.
t.test('real TLS with another name is cut, through two', async (t) => {
  await using origin = await tlsOrigin(certificate, (_, response) => response.end('hello'));
  await using chain = await startChain(2, VERIFY);
  const asked = { proxyPort: chain.port, target: `origin.example:${origin.port}`, ca };
  t.match(await getThrough({ ...asked, serverName: 'front.example' }), { status: 200, error: 'ECONNRESET' });
  const [first] = await (chain.tiers[0] as TestProxy).ended(1);
  t.match(first, { outcome: 'denied', reason: 'sni_mismatch', sni: 'front.example', closedBy: 'proxy' });
  t.match(await (chain.tiers[1] as TestProxy).ended(1), [{ outcome: 'client_gone', sni: undefined }]);
});

const MISMATCHES: readonly [title: string, parts: HelloParts, host: string, detail: RegExp][] = [
  [
    'another name',
    { serverName: 'front.example' },
    'origin.example',
    /names "front.example" and the CONNECT/,
  ],
  ['a name below the host', { serverName: 'a.origin.example' }, 'origin.example', /names "a.origin.example"/],
  ['no name', {}, 'origin.example', /names no server/],
  ['an address for a name', { serverName: '127.0.0.1' }, 'origin.example', /names "127.0.0.1"/],
  ['a name for an address', { serverName: 'origin.example' }, '127.0.0.1', /the CONNECT "127.0.0.1"/],
  [
    'ECH whose outer name is another',
    { serverName: 'front.example', extensions: [[0xfe0d, Buffer.alloc(4)]] },
    'origin.example',
    /names "front.example", with ECH,/,
  ],
];

for (const [title, parts, host, detail] of MISMATCHES) {
  // Attacks: no-early-byte.
  t.test(`a ClientHello with ${title} is a mismatch`, async (t) => {
    await using stage = await openStage(VERIFY, host);
    stage.client.send(clientHello(parts));
    await assertCut(t, stage, { outcome: 'denied', reason: 'sni_mismatch', closedBy: 'proxy', detail });
  });
}

const MISSING: Readonly<Record<string, readonly [bytes: string | Buffer, detail: RegExp]>> = {
  'plain HTTP': ['GET / HTTP/1.1\r\n\r\n', /something else than TLS/],
  'a hello with two names': [
    clientHello({ serverName: 'origin.example', extensions: [[0, Buffer.alloc(2)]] }),
    /Malformed ClientHello: extension 0 is there twice/,
  ],
  'more than 16 KiB without an end': [
    recordsOf(helloMessage({ extensions: [[9, Buffer.alloc(15_000)]] }), 10),
    /longer than 16384 bytes/,
  ],
};

for (const [title, [bytes, detail]] of Object.entries(MISSING)) {
  // Attacks: no-early-byte.
  t.test(`a tunnel that begins with ${title} is cut`, async (t) => {
    await using stage = await openStage(VERIFY);
    stage.client.send(bytes);
    await assertCut(t, stage, { outcome: 'denied', reason: 'hello_missing', closedBy: 'proxy', detail });
  });
}

const PASSING: Readonly<Record<string, readonly [bytes: Buffer, host: string]>> = {
  'the name of the host': [GOOD_HELLO, 'origin.example'],
  'GREASE for ECH and the name of the host': [
    clientHello({ serverName: 'origin.example', extensions: [[0xfe0d, Buffer.alloc(4)]] }),
    'origin.example',
  ],
  'no name, where the host is an address': [clientHello(), '127.0.0.1'],
};

for (const [title, [bytes, host]] of Object.entries(PASSING)) {
  t.test(`a ClientHello with ${title} passes, and both directions with it`, async (t) => {
    await using stage = await openStage(VERIFY, host);
    stage.client.send(bytes);
    await stage.far.expect(bytes.toString('latin1'));
    stage.far.send('server');
    await stage.client.expect('server');
    stage.client.send('more');
    await stage.far.expect('more');
    stage.client.end();
    t.equal(await stage.far.rest(), '', 'half-close passes as half-close');
    stage.far.end();
    t.match(await stage.proxy.ended(1), [{ outcome: 'completed', bytesFromClient: bytes.length + 4 }]);
  });
}

t.test(
  'a hello that comes in pieces, split over records, leaves when it is whole and not before',
  async (t) => {
    const bytes = recordsOf(
      helloMessage({ serverName: 'origin.example', extensions: [[51, Buffer.alloc(1_300)]] }),
      400,
    );
    await using stage = await openStage(VERIFY);
    for (const [from, to] of [
      [0, 1],
      [1, 6],
      [6, 700],
      [700, bytes.length - 1],
    ] as const) {
      stage.client.send(bytes.subarray(from, to));
      await allRead(stage.proxy);
      t.equal(stage.far.received, '');
    }
    stage.client.send(bytes.subarray(-1));
    await stage.far.expect(bytes.toString('latin1'));
  },
);

t.test('what is glued to the CONNECT is judged like the rest, and reaches the origin once', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf(VERIFY));
  const head = `CONNECT origin.example:${origin.port} HTTP/1.1\r\nHost: x\r\n\r\n`;
  for (const [bytes, end] of [
    [GOOD_HELLO, false],
    [Buffer.concat([GOOD_HELLO, Buffer.from('more')]), true],
  ] as const) {
    await using client = await RawClient.connect(proxy.port);
    client.send(Buffer.concat([Buffer.from(head), bytes]));
    if (end) client.end();
    const far = await origin.accept();
    await far.expect(bytes.toString('latin1'));
    if (end) t.equal(await far.rest(), '', 'the end as well');
    far.end();
    t.match(await client.head(), /^HTTP\/1\.1 200 /);
  }
  await using client = await RawClient.connect(proxy.port);
  client.send(Buffer.concat([Buffer.from(head), clientHello({ serverName: 'front.example' })]));
  const far = await origin.accept();
  t.equal(await far.rest(), '');
  t.match((await proxy.ended(3)).at(-1), { reason: 'sni_mismatch' });
});

t.test('a head that Node reads leads to the same', async (t) => {
  await using origin = await rawOrigin();
  await using proxy = await startProxy(yamlOf(VERIFY));
  for (const serverName of ['origin.example', 'front.example']) {
    await using client = await RawClient.connect(proxy.port);
    client.send(`CONNECT origin.example:${origin.port} HTTP/1.1\r\nHost: x\r\n`);
    await allRead(proxy);
    client.send('\r\n');
    await client.head();
    const bytes = clientHello({ serverName });
    const far = await origin.accept();
    client.send(bytes);
    if (serverName === 'origin.example') await far.expect(bytes.toString('latin1'));
    else t.equal(await far.rest(), '');
  }
});
