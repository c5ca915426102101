/**
 * Attacks by name and by spelling on what a direct route may reach, each through a whole proxy and against a name server that plays
 * its part. Nobody inside is dialled, the client learns no address, and the record has every answer.
 */
import t from 'tap';
import { freePort } from '../../scripts/lib/ports.ts';
import { RawClient } from '../fixtures/client.ts';
import { type DnsReply, type DnsScript, RCODE, startDnsServer } from '../fixtures/dns-server.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

/** The only address that the guard lets pass here. It stands for a public one. */
const PUBLIC = '127.0.0.7';
const GUARD = `{ allow: [${PUBLIC}] }`;
const METHODS = ['CONNECT', 'GET'] as const;
/** Of our transactions, and our pseudonym: hexadecimal digits that may be those of an address. */
const IDS = /\b(?:[0-9a-f]{16}-[0-9a-z]+|t-[0-9a-f]{8}\b)/g;

async function ask(proxy: TestProxy, target: string, method: (typeof METHODS)[number]): Promise<string> {
  await using client = await RawClient.connect(proxy.port);
  const asked = method === 'CONNECT' ? target : `http://${target}/`;
  client.send(`${method} ${asked} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  // Amid plain HTTP that would be a client that left.
  if (method === 'CONNECT') client.end();
  return await client.rest();
}

const onlyA =
  (reply: () => DnsReply): DnsScript =>
  ({ type }) =>
    type === 'A' ? reply() : {};

function proxyBy(server: { readonly address: string }, more = ''): Promise<TestProxy> {
  const dns = `{ hostsFile: none, servers: ["${server.address}"], minTtl: 0s, timeout: 1s${more} }`;
  return startProxy(yamlOf({ dns, guard: GUARD }));
}

for (const method of METHODS) {
  // Attacks: same-address.
  t.test(
    `DNS rebinding: a name that leads outside first, and inside when it is asked again (${method})`,
    async (t) => {
      await using inside = await rawOrigin('127.0.0.1', await freePort());
      await using outside = await rawOrigin(PUBLIC, inside.port);
      const addresses = [PUBLIC];
      await using server = await startDnsServer(
        onlyA(() => ({ addresses: [addresses.pop() ?? '127.0.0.1'], ttl: 0 })),
      );
      await using proxy = await proxyBy(server);
      const first = ask(proxy, `rebind.example:${inside.port}`, method);
      const far = await outside.accept();
      if (method === 'GET') far.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      far.end();
      t.match(await first, /^HTTP\/1\.1 200 /);
      t.match(
        await ask(proxy, `rebind.example:${inside.port}`, method),
        /^HTTP\/1\.1 403 Special-purpose address/,
      );
      t.equal(inside.accepted, 0);
      t.match((await proxy.ended(2))[1], {
        reason: 'address_prohibited',
        upstreamIp: undefined,
        answers: { all: ['127.0.0.1'], refused: [/^127\.0\.0\.1 \(loopback/], isMixed: false },
      });
    },
  );

  // Attacks: same-address.
  t.test(`DNS rebinding: an answer that mixes what is outside with what is inside (${method})`, async (t) => {
    await using inside = await rawOrigin('127.0.0.1', await freePort());
    await using outside = await rawOrigin(PUBLIC, inside.port);
    const addresses = ['169.254.169.254', '127.0.0.1', PUBLIC, '10.0.0.1'];
    await using server = await startDnsServer(onlyA(() => ({ addresses })));
    await using proxy = await proxyBy(server);
    const asking = ask(proxy, `mixed.example:${inside.port}`, method);
    const far = await outside.accept();
    if (method === 'GET') far.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    far.end();
    t.match(await asking, /^HTTP\/1\.1 200 /);
    t.equal(inside.accepted, 0);
    const [record] = await proxy.ended(1);
    t.match(record, { outcome: 'completed', upstreamIp: PUBLIC, answers: { isMixed: true } });
    t.same([...(record?.answers?.all ?? [])].sort(), [...addresses].sort());
    t.match([...(record?.answers?.refused ?? [])].sort(), [
      /^10\.0\.0\.1 \(private/,
      /^127\.0\.0\.1 \(loopback/,
      /^169\.254\.169\.254 \(link-local/,
    ]);
  });

  // Attacks: same-address.
  t.test(
    `DNS rebinding: what is outside fails, and what is inside is not tried instead (${method})`,
    async (t) => {
      await using inside = await rawOrigin('127.0.0.1', await freePort());
      await using server = await startDnsServer(onlyA(() => ({ addresses: [PUBLIC, '127.0.0.1'] })));
      await using proxy = await proxyBy(server);
      t.match(await ask(proxy, `half.example:${inside.port}`, method), /^HTTP\/1\.1 502 Target refused/);
      t.equal(inside.accepted, 0);
      t.match(await proxy.ended(1), [{ answers: { isMixed: true } }]);
    },
  );

  // Attacks: same-address.
  t.test(
    `DNS rebinding: the name servers fail, and an old answer does not outlive the guard (${method})`,
    async (t) => {
      let reply: DnsReply = { addresses: ['10.0.0.1'], ttl: 1 };
      await using server = await startDnsServer(onlyA(() => reply));
      await using proxy = await proxyBy(server, ', maxTtl: 1ms');
      t.match(await ask(proxy, 'old.example:80', method), /^HTTP\/1\.1 403 /);
      reply = { rcode: RCODE.servFail };
      await new Promise((resolve) => setTimeout(resolve, 5));
      t.match(await ask(proxy, 'old.example:80', method), /^HTTP\/1\.1 403 /);
    },
  );
}

/** By the attack: an address, as a name leads to it and as it is written, which carries or is one inside. */
const HIDDEN: Readonly<Record<string, string>> = {
  'the metadata server of most clouds': '169.254.169.254',
  'the metadata server of Google over IPv6': 'fd20:ce::254',
  'the metadata server of Amazon over IPv6': 'fd00:ec2::254',
  'the metadata server of Alibaba': '100.100.100.200',
  'IPv4-mapped: 10.0.0.1': '::ffff:10.0.0.1',
  'IPv4-mapped in hexadecimal: 169.254.169.254': '::ffff:a9fe:a9fe',
  'IPv4-compatible: 10.0.0.1': '::10.0.0.1',
  'IPv4-translated: 10.0.0.1': '::ffff:0:10.0.0.1',
  'NAT64: 169.254.169.254': '64:ff9b::169.254.169.254',
  'NAT64 for local use: 10.0.0.1': '64:ff9b:1::10.0.0.1',
  '6to4: 10.0.0.1': '2002:a00:1::1',
  'Teredo: 10.0.0.1, every bit turned over': '2001:0:4136:e378:8000:63bf:f5ff:fffe',
  'ISATAP: 10.0.0.1': '2606:4700::5efe:10.0.0.1',
  'ISATAP with the universal bit: 10.0.0.1': '2606:4700::200:5efe:10.0.0.1',
};

for (const [attack, address] of Object.entries(HIDDEN)) {
  // Attacks: same-address.
  t.test(`hidden address: ${attack}`, async (t) => {
    const isIpv6 = address.includes(':');
    await using server = await startDnsServer(({ type }) =>
      type === (isIpv6 ? 'AAAA' : 'A') ? { addresses: [address] } : {},
    );
    await using proxy = await proxyBy(server);
    for (const method of METHODS) {
      for (const target of ['hidden.example:80', isIpv6 ? `[${address}]:80` : `${address}:80`]) {
        const answer = await ask(proxy, target, method);
        t.match(answer, /^HTTP\/1\.1 403 Special-purpose address refused \(t\)/, target);
        t.notMatch(answer.replaceAll(IDS, ''), /169\.254|10\.0\.0\.1|a9fe/, 'the client learns no address');
      }
    }
    t.match(await proxy.ended(4), Array(4).fill({ reason: 'address_prohibited', outcome: 'denied' }));
    t.equal(proxy.proxy.context.tools.ledger.opened.upstream, 0, 'nobody was dialled');
  });
}

/** By the attack: what some resolver or library would take for an IPv4 address inside. */
const SPELLINGS: Readonly<Record<string, string>> = {
  'one decimal number: 127.0.0.1': '2130706433',
  'one octal number: 127.0.0.1': '017700000001',
  'one hexadecimal number: 127.0.0.1': '0x7f000001',
  'octal parts: 127.0.0.1': '0177.0.0.1',
  'hexadecimal parts: 169.254.169.254': '0xa9.0xfe.0xa9.0xfe',
  'two parts: 127.0.0.1': '127.1',
  'three parts: 10.0.0.1': '10.0.1',
  'leading zeros: 10.0.0.1': '010.0.0.1',
  'more than 255: 10.0.0.1': '10.0.0.257',
  'a dot behind one number: 127.0.0.1': '2130706433.',
  'full-width digits: 127.0.0.1': '１２７.0.0.1',
  'a full stop of another script: 127.0.0.1': '127。0.0.1',
  'a zone behind a link-local address': '[fe80::1%25eth0]',
};

for (const [attack, host] of Object.entries(SPELLINGS)) {
  // Attacks: same-address.
  t.test(`spelling of an address: ${attack}`, async (t) => {
    await using server = await startDnsServer(onlyA(() => ({ addresses: [PUBLIC] })));
    await using proxy = await proxyBy(server);
    for (const method of METHODS) t.match(await ask(proxy, `${host}:80`, method), /^HTTP\/1\.1 400 /, method);
    await proxy.ended(2);
    t.same(server.questions, [], 'no name server was asked for it');
    t.equal(proxy.proxy.context.tools.ledger.opened.upstream, 0);
  });
}

for (const name of [
  'metadata.google.internal',
  'metadata.goog',
  'metadata',
  'instance-data',
  'LOCALHOST.',
  'a.Internal',
]) {
  // Attacks: same-address.
  t.test(`metadata and other special names: ${name} is not even asked for`, async (t) => {
    await using server = await startDnsServer(onlyA(() => ({ addresses: [PUBLIC] })));
    await using proxy = await proxyBy(server);
    for (const method of METHODS)
      t.match(await ask(proxy, `${name}:80`, method), /^HTTP\/1\.1 403 Special name refused/);
    t.same(server.questions, []);
    t.match(await proxy.ended(2), Array(2).fill({ reason: 'name_prohibited', answers: undefined }));
  });
}

// Attacks: bounded.
t.test(
  'a flood of addresses: the record has the first of them, and says how many more there are',
  async (t) => {
    const addresses = Array.from({ length: 60 }, (_, i) => `10.0.0.${i + 1}`);
    await using server = await startDnsServer(({ type, transport }) => {
      if (type === 'AAAA') return {};
      return { addresses, truncated: transport === 'udp' };
    });
    await using proxy = await proxyBy(server);
    t.match(await ask(proxy, 'many.example:80', 'CONNECT'), /^HTTP\/1\.1 403 /);
    const [record] = await proxy.ended(1);
    t.equal(record?.answers?.all.length, 17);
    t.equal(record?.answers?.all[16], '16 more', 'of the 32 that are taken in of one answer');
    t.equal(record?.answers?.refused.length, 17);
  },
);

t.test('what the policy judges by address is in the record too', async (t) => {
  await using origin = await rawOrigin(PUBLIC);
  await using server = await startDnsServer(onlyA(() => ({ addresses: ['127.0.0.8', PUBLIC] })));
  const dns = `{ hostsFile: none, servers: ["${server.address}"] }`;
  const parts = {
    dns,
    guard: '{ allow: [127.0.0.0/8] }',
    acls: `{ it: { dst: [${PUBLIC}] }, other: { dst: [10.0.0.0/8] } }`,
  };
  await using some = await startProxy(yamlOf({ ...parts, access: '[{ name: r, allow: [it] }]' }));
  const asking = ask(some, `two.example:${origin.port}`, 'CONNECT');
  (await origin.accept()).end();
  t.match(await asking, /^HTTP\/1\.1 200 /);
  const refused = ['127.0.0.8 (not allowed by the policy)'];
  t.match(await some.ended(1), [{ answers: { all: ['127.0.0.8', PUBLIC], refused, isMixed: false } }]);
  await using none = await startProxy(yamlOf({ ...parts, access: '[{ name: r, allow: [other] }]' }));
  t.match(await ask(none, `two.example:${origin.port}`, 'CONNECT'), /^HTTP\/1\.1 403 /);
  t.match(await none.ended(1), [{ answers: { all: ['127.0.0.8', PUBLIC] } }]);
});
