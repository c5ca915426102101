/**
 * A real recursive name server, unbound, in front of one that plays its part: slow, broken and large answers as a resolver of a company
 * passes them on, and what Weir makes of them.
 */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { blackHole } from '../fixtures/black-hole.ts';
import { RawClient } from '../fixtures/client.ts';
import { type DnsScript, RCODE, startDnsServer } from '../fixtures/dns-server.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { closedPort } from '../fixtures/sockets.ts';
import { needTool } from '../fixtures/tools.ts';
import { startUnbound, type Unbound } from '../fixtures/unbound.ts';

t.setTimeout(120_000);

/** It stands for a public address, as the whole of 127.0.0.0/8 does here. */
const PUBLIC = '127.0.0.7';
const MANY = Array.from({ length: 100 }, (_, i) => `many A 10.0.1.${i + 1}`);
/** With an end for what does not exist of an hour, which is not for Weir to keep. */
const ZONE = `$ORIGIN zone.example.
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 3600
@ NS ns
ns A 127.0.0.1
www A ${PUBLIC}
first CNAME second
second CNAME third
third CNAME fourth
fourth CNAME www
dangling CNAME nowhere
loop CNAME pool
pool CNAME loop
text TXT "no address"
dual A ${PUBLIC}
dual AAAA ::1
two A 127.0.0.1
two A ${PUBLIC}
${MANY.join('\n')}
`;

/** What it passes on is never kept, and never has more than 512 bytes over UDP. */
const SERVER = [
  ...['module-config: "iterator"', 'do-not-query-localhost: no', 'qname-minimisation: no'],
  ...['cache-max-ttl: 0', 'cache-max-negative-ttl: 0', 'rrset-roundrobin: no'],
  ...['edns-buffer-size: 512', 'max-udp-size: 512'],
];

interface Scene extends AsyncDisposable {
  readonly unbound: Unbound;
  /** What came through to the server behind it. */
  readonly questions: readonly string[];
  /** A proxy by it; `dns` are more keys of the section. */
  proxy(dns?: string): Promise<TestProxy>;
}

/** The server behind it, by `script`, is asked as a resolver for `forwarded.example`, and as the authority for `lame.example`. */
async function startScene(t: Test, script: DnsScript = () => ({})): Promise<Scene | undefined> {
  const program = await needTool(t, 'unbound');
  if (program === undefined) return undefined;
  const behind = await startDnsServer(script);
  const folder = t.testdir({ zone: ZONE });
  const address = behind.address.replace(':', '@');
  const unbound = await startUnbound(t, {
    ...{ program, folder, server: SERVER },
    sections: [
      ['auth-zone', ['name: "zone.example"', `zonefile: "${join(folder, 'zone')}"`, 'for-downstream: no']],
      ['forward-zone', ['name: "forwarded.example"', `forward-addr: ${address}`]],
      ['stub-zone', ['name: "lame.example"', `stub-addr: ${address}`]],
    ],
  });
  return {
    unbound,
    questions: behind.questions,
    proxy(dns = '') {
      const servers = `hostsFile: none, servers: ["127.0.0.1:${unbound.port}"]`;
      return startProxy(
        yamlOf({ dns: `{ ${servers}${dns} }`, guard: '{ allow: [127.0.0.0/8, "::1/128"] }' }),
      );
    },
    [Symbol.asyncDispose]: () => behind[Symbol.asyncDispose](),
  };
}

async function head(proxy: TestProxy, target: string): Promise<string> {
  await using client = await RawClient.connect(proxy.port);
  client.send(`CONNECT ${target} HTTP/1.1\r\nHost: x\r\n\r\n`);
  const answer = await client.head();
  client.end();
  return answer;
}

const REACHED = /^HTTP\/1\.1 200 /;
const UNRESOLVED = /^HTTP\/1\.1 502 Name cannot be resolved/;

t.test('unbound: a name behind four aliases, and one with addresses of both families', async (t) => {
  await using scene = await startScene(t);
  if (scene === undefined) return;
  await using origin = await rawOrigin(PUBLIC);
  await using proxy = await scene.proxy();
  for (const name of ['www', 'first', 'dual']) {
    t.match(await head(proxy, `${name}.zone.example:${origin.port}`), REACHED, name);
    (await origin.accept()).end();
  }
  const records = await proxy.ended(3);
  for (const record of records) t.match(record, { upstreamIp: PUBLIC, outcome: 'completed' });
});

t.test('unbound: the first of two addresses is silent, and the other one is reached', async (t) => {
  await using scene = await startScene(t);
  if (scene === undefined) return;
  await using hole = await blackHole();
  await using origin = await rawOrigin(PUBLIC, hole.port);
  await using proxy = await scene.proxy();
  t.match(await head(proxy, `two.zone.example:${hole.port}`), REACHED);
  (await origin.accept()).end();
  t.match(await proxy.ended(1), [{ upstreamIp: PUBLIC, answers: undefined }]);
});

// Attacks: same-address, bounded.
t.test('unbound: an answer that takes TCP is judged address by address, up to a bound', async (t) => {
  await using scene = await startScene(t);
  if (scene === undefined) return;
  await using proxy = await scene.proxy();
  t.match(await head(proxy, 'many.zone.example:443'), /^HTTP\/1\.1 403 Special-purpose address/);
  const [record] = await proxy.ended(1);
  t.equal(record?.answers?.all.length, 17);
  t.equal(record?.answers?.all.at(-1), '16 more', 'of the 32 that are taken in');
  t.equal(proxy.proxy.context.tools.ledger.opened.upstream, 0);
});

/** By the name: what is said of it, with what there is in the record. */
const NOWHERE: Readonly<Record<string, RegExp>> = {
  'gone.zone.example': /NXDOMAIN$/,
  'dangling.zone.example': /NXDOMAIN$/,
  'text.zone.example': /NODATA$/,
  'loop.zone.example': /SERVFAIL$|NODATA$/,
  'www.lame.example': /SERVFAIL$/,
  'broken.forwarded.example': /SERVFAIL$/,
  'refused.forwarded.example': /SERVFAIL$/,
};

t.test('unbound: what leads nowhere is told as what it is', async (t) => {
  await using scene = await startScene(t, ({ name }) => {
    // Who is no authority for a zone that was delegated to it says so with REFUSED.
    return { rcode: name.startsWith('broken') ? RCODE.servFail : RCODE.refused };
  });
  if (scene === undefined) return;
  await using proxy = await scene.proxy();
  for (const name of Object.keys(NOWHERE)) t.match(await head(proxy, `${name}:443`), UNRESOLVED, name);
  const details = (await proxy.ended(7)).map(({ host, reason, detail }) => [host, reason, detail]);
  t.match(
    details,
    Object.entries(NOWHERE).map(([name, detail]) => [name, 'dns_error', detail]),
  );
});

t.test('unbound: that a name does not exist is kept for negativeTtl, whatever the zone says', async (t) => {
  await using scene = await startScene(t);
  if (scene === undefined) return;
  await using keeping = await scene.proxy(', negativeTtl: 1h');
  await using forgetful = await scene.proxy(', negativeTtl: 0s');
  const target = 'gone.zone.example:443';
  for (const proxy of [keeping, forgetful]) t.match(await head(proxy, target), UNRESOLVED);
  await scene.unbound.stop();
  t.match(await head(keeping, target), UNRESOLVED, 'nobody need be asked again');
  await head(forgetful, target);
  t.match(await keeping.ended(2), Array(2).fill({ reason: 'dns_error', detail: /NXDOMAIN$/ }));
  const [first, second] = await forgetful.ended(2);
  t.match(first, { reason: 'dns_error', detail: /NXDOMAIN$/ });
  t.notMatch(second?.detail, /NXDOMAIN/, 'there was nobody to say so');
});

t.test('unbound: both families are asked for at once', async (t) => {
  const both = Promise.withResolvers<void>();
  const types = new Set<string>();
  await using scene = await startScene(t, async ({ type }) => {
    if (types.add(type).size === 2) both.resolve();
    await both.promise;
    return type === 'A' ? { addresses: [PUBLIC] } : {};
  });
  if (scene === undefined) return;
  await using proxy = await scene.proxy();
  t.match(
    await head(proxy, `www.forwarded.example:${await closedPort()}`),
    /^HTTP\/1\.1 502 Target refused/,
    'each has its answer only once the other one was asked for',
  );
});

t.test('unbound: a family that is never answered holds nobody up', async (t) => {
  await using scene = await startScene(t, ({ type }) => (type === 'A' ? { addresses: [PUBLIC] } : undefined));
  if (scene === undefined) return;
  await using origin = await rawOrigin(PUBLIC);
  await using proxy = await scene.proxy(', timeout: 1h');
  t.match(await head(proxy, `www.forwarded.example:${origin.port}`), REACHED);
  (await origin.accept()).end();
  t.match(await proxy.ended(1), [{ upstreamIp: PUBLIC }]);
});

t.test('unbound: a server that is slow costs the time for a name, and no more', async (t) => {
  const told = Promise.withResolvers<void>();
  await using scene = await startScene(t, async ({ type }) => {
    await told.promise;
    return type === 'A' ? { addresses: [PUBLIC] } : {};
  });
  if (scene === undefined) return;
  await using proxy = await scene.proxy(', timeout: 200ms');
  const target = `www.forwarded.example:${await closedPort()}`;
  t.match(await head(proxy, target), /^HTTP\/1\.1 504 /);
  const [record] = await proxy.ended(1);
  t.match(record, { reason: 'dns_timeout', detail: /no answer in time$/ });
  told.resolve();
  await using patient = await scene.proxy();
  t.match(await head(patient, target), /^HTTP\/1\.1 502 Target refused/, 'it is not held against the name');
});

t.test('unbound: an answer past its time stands in while the server behind it fails', async (t) => {
  let fails = false;
  await using scene = await startScene(t, ({ type }) => {
    if (fails) return { rcode: RCODE.servFail };
    return type === 'A' ? { addresses: [PUBLIC], ttl: 300 } : {};
  });
  if (scene === undefined) return;
  const target = `www.forwarded.example:${await closedPort()}`;
  const short = ', minTtl: 1ms, maxTtl: 1ms';
  await using lasting = await scene.proxy(`${short}, staleTtl: 1h`);
  await using strict = await scene.proxy(`${short}, staleTtl: 0s`);
  for (const proxy of [lasting, strict]) t.match(await head(proxy, target), /^HTTP\/1\.1 502 Target refused/);
  fails = true;
  t.match(await head(lasting, target), /^HTTP\/1\.1 502 Target refused/);
  t.match(await head(strict, target), UNRESOLVED);
  await scene.unbound.stop();
  t.match(await head(lasting, target), /^HTTP\/1\.1 502 Target refused/, 'also where nobody answers');
});
