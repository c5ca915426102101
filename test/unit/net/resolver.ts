/** Against a name server of our own on loopback, so that what is tested is what c-ares makes of real answers. */
import t from 'tap';
import { parseHost } from '#net/host.ts';
import { type IpAddress, parseIp } from '#net/ip.ts';
import { createResolver, type QueryResult, type Resolver, type ResolverOptions } from '#net/resolver.ts';
import { type DnsReply, type DnsScript, RCODE, startDnsServer } from '../../fixtures/dns-server.ts';
import { closedPort, faultOf, until } from '../../fixtures/sockets.ts';

const DEFAULTS: ResolverOptions = {
  servers: [],
  hosts: {},
  hostsFile: undefined,
  minTtlMs: 1_000,
  maxTtlMs: 300_000,
  negativeTtlMs: 5_000,
  staleTtlMs: 60_000,
  timeoutMs: 1_000,
};

interface Fixture extends AsyncDisposable {
  readonly resolver: Resolver;
  /** Addresses as text. */
  ask(name: string): Promise<string[]>;
  readonly questions: readonly string[];
  readonly results: readonly QueryResult[];
  readonly clock: { ms: number };
}

async function start(script: DnsScript, options: Partial<ResolverOptions> = {}): Promise<Fixture> {
  const server = await startDnsServer(script);
  const results: QueryResult[] = [];
  const clock = { ms: 1_000, now: () => clock.ms };
  const resolver = createResolver(
    { ...DEFAULTS, servers: [server.address], ...options },
    { clock, onQuery: (result) => results.push(result), ownAddresses: { all: () => [ip('198.41.0.4')] } },
  );
  return {
    resolver,
    ask: async (name) => (await resolver.resolve(parseHost(name))).map(({ text }) => text),
    questions: server.questions,
    results,
    clock,
    async [Symbol.asyncDispose]() {
      resolver.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

function ip(text: string): IpAddress {
  return parseIp(text) as IpAddress;
}

const NO_DATA: DnsReply = {};
const onlyA =
  (reply: DnsReply): DnsScript =>
  ({ type }) =>
    type === 'A' ? reply : NO_DATA;

t.test('resolve() gives an IP literal back and asks nobody', async (t) => {
  await using fixture = await start(() => undefined);
  t.same(await fixture.ask('192.0.2.1'), ['192.0.2.1']);
  t.same(await fixture.ask('[2001:db8::1]'), ['2001:db8::1']);
  t.same(fixture.results, []);
  t.same(fixture.questions, []);
});

t.test('resolve() takes configured hosts before everything else', async (t) => {
  const hosts = { 'vm-a.example': [ip('10.0.0.1'), ip('fd00::1')] };
  await using fixture = await start(() => ({ rcode: RCODE.servFail }), { hosts });
  t.same(await fixture.ask('vm-a.example'), ['10.0.0.1', 'fd00::1']);
  t.same(fixture.results, ['hosts']);
  t.same(fixture.questions, []);
});

t.test('resolve() does not take a property of every object for a configured host', async (t) => {
  await using fixture = await start(onlyA({ addresses: ['192.0.2.1'] }));
  t.same(await fixture.ask('constructor'), ['192.0.2.1']);
  t.same(await fixture.ask('__proto__'), ['192.0.2.1']);
});

t.test('resolve() takes the hosts file before DNS', async (t) => {
  const hostsFile = `${t.testdir({ hosts: '10.0.0.2 vm-b.example\n' })}/hosts`;
  await using fixture = await start(onlyA({ addresses: ['192.0.2.1'] }), { hostsFile });
  t.same(await fixture.ask('vm-b.example'), ['10.0.0.2']);
  t.same(await fixture.ask('www.example'), ['192.0.2.1']);
  t.same(fixture.results, ['hosts', 'ok']);
});

t.test('resolve() asks for A and AAAA of the absolute name and mixes the families, IPv4 first', async (t) => {
  await using fixture = await start(({ type }) => ({
    addresses: type === 'A' ? ['192.0.2.1', '192.0.2.2', '192.0.2.3'] : ['2001:db8::1'],
  }));
  t.same(await fixture.ask('www.example'), ['192.0.2.1', '2001:db8::1', '192.0.2.2', '192.0.2.3']);
  t.same([...fixture.questions].sort(), ['A www.example', 'AAAA www.example']);
  t.same(fixture.results, ['ok']);
});

t.test('resolve() has every address where nobody can tell those of this host', async (t) => {
  const addresses = ['192.0.2.1', '192.0.2.2'];
  await using server = await startDnsServer(({ type }) => (type === 'A' ? { addresses } : NO_DATA));
  const resolver = createResolver(
    { ...DEFAULTS, servers: [server.address] },
    { ownAddresses: { all: () => undefined } },
  );
  t.same((await resolver.resolve(parseHost('www.example'))).map(({ text }) => text).sort(), addresses);
  resolver.close();
});

t.test('resolve() does without AAAA where that fails', async (t) => {
  await using fixture = await start(({ type }) =>
    type === 'A' ? { addresses: ['192.0.2.1'] } : { rcode: RCODE.servFail },
  );
  t.same(await fixture.ask('www.example'), ['192.0.2.1']);
});

t.test('resolve() does without A where only AAAA is there', async (t) => {
  await using fixture = await start(({ type }) => (type === 'A' ? NO_DATA : { addresses: ['2001:db8::1'] }));
  t.same(await fixture.ask('www.example'), ['2001:db8::1']);
});

t.test('resolve() waits only a moment for AAAA once A is there', async (t) => {
  await using fixture = await start(({ type }) => (type === 'A' ? { addresses: ['192.0.2.1'] } : undefined), {
    timeoutMs: 30_000,
  });
  t.same(await fixture.ask('www.example'), ['192.0.2.1'], 'long before the time for the name is over');
});

t.test('resolve() follows an alias and keeps the answer no longer than the alias', async (t) => {
  const cname = { name: 'cdn.example', ttl: 10 };
  await using fixture = await start(onlyA({ addresses: ['192.0.2.1'], ttl: 100, cname }));
  t.same(await fixture.ask('www.example'), ['192.0.2.1']);
  fixture.clock.ms += 10_001;
  await fixture.ask('www.example');
  t.same(fixture.results, ['ok', 'ok']);
});

t.test('resolve() asks again over TCP where the answer does not fit', async (t) => {
  const addresses = Array.from({ length: 100 }, (_, i) => `192.0.2.${i}`);
  const transports: string[] = [];
  await using fixture = await start((question) => {
    transports.push(`${question.type} ${question.transport}`);
    return question.type === 'A' ? { addresses, truncated: true } : NO_DATA;
  });
  t.same(await fixture.ask('www.example'), addresses.slice(0, 32), 'and takes in so many of it');
  t.ok(transports.includes('A tcp'));
});

const LIFETIMES: readonly [title: string, ttl: number, keptMs: number, options: Partial<ResolverOptions>][] =
  [
    ['for its TTL', 60, 60_000, {}],
    ['for minTtl where its TTL is shorter', 0, 1_000, {}],
    ['for maxTtl where its TTL is longer', 86_400, 300_000, {}],
  ];

for (const [title, ttl, keptMs, options] of LIFETIMES) {
  t.test(`resolve() keeps an answer ${title}`, async (t) => {
    await using fixture = await start(onlyA({ addresses: ['192.0.2.1'], ttl }), options);
    await fixture.ask('www.example');
    fixture.clock.ms += keptMs;
    t.same(await fixture.ask('www.example'), ['192.0.2.1']);
    fixture.clock.ms += 1;
    await fixture.ask('www.example');
    t.same(fixture.results, ['ok', 'cached', 'ok']);
  });
}

t.test('resolve() keeps an answer not at all where TTL and minTtl are 0', async (t) => {
  await using fixture = await start(onlyA({ addresses: ['192.0.2.1'], ttl: 0 }), { minTtlMs: 0 });
  await fixture.ask('www.example');
  await fixture.ask('www.example');
  t.same(fixture.results, ['ok', 'ok']);
});

const NEGATIVE: readonly [reply: DnsReply, result: QueryResult, detail: string][] = [
  [{ rcode: RCODE.nxDomain }, 'nxdomain', 'Cannot resolve "www.example": NXDOMAIN'],
  [NO_DATA, 'nodata', 'Cannot resolve "www.example": NODATA'],
];

for (const [reply, result, message] of NEGATIVE) {
  t.test(`resolve() keeps ${result} for negativeTtl`, async (t) => {
    await using fixture = await start(() => reply);
    await t.rejects(fixture.ask('www.example'), { reason: 'dns_error', message });
    fixture.clock.ms += 5_000;
    await t.rejects(fixture.ask('www.example'), { reason: 'dns_error', message });
    fixture.clock.ms += 1;
    await t.rejects(fixture.ask('www.example'), { reason: 'dns_error', message });
    t.same(fixture.results, [result, 'cached', result]);
  });
}

t.test('resolve() asks again at once for a name that was not there where negativeTtl is 0', async (t) => {
  await using fixture = await start(() => NO_DATA, { negativeTtlMs: 0 });
  await t.rejects(fixture.ask('www.example'));
  await t.rejects(fixture.ask('www.example'));
  t.same(fixture.results, ['nodata', 'nodata']);
});

const FAULTS: readonly [title: string, replies: Record<'A' | 'AAAA', number>, QueryResult, detail: string][] =
  [
    ['SERVFAIL', { A: RCODE.servFail, AAAA: RCODE.servFail }, 'servfail', 'SERVFAIL'],
    ['REFUSED', { A: RCODE.refused, AAAA: RCODE.refused }, 'error', 'REFUSED'],
    ['NOTIMP', { A: RCODE.notImp, AAAA: RCODE.notImp }, 'error', 'NOTIMP'],
    [
      'NXDOMAIN for A and SERVFAIL for AAAA',
      { A: RCODE.nxDomain, AAAA: RCODE.servFail },
      'servfail',
      'SERVFAIL',
    ],
  ];

for (const [title, replies, result, detail] of FAULTS) {
  t.test(`resolve() fails on ${title} and does not keep that`, async (t) => {
    await using fixture = await start(({ type }) => ({ rcode: replies[type] }));
    const expected = { reason: 'dns_error', message: `Cannot resolve "www.example": ${detail}` };
    await t.rejects(fixture.ask('www.example'), expected);
    await t.rejects(fixture.ask('www.example'), expected);
    t.same(fixture.results, [result, result]);
  });
}

t.test('resolve() prefers the answer that says more, whichever family it is for', async (t) => {
  await using fixture = await start(({ type }) => (type === 'A' ? NO_DATA : { rcode: RCODE.nxDomain }));
  await t.rejects(fixture.ask('www.example'), { message: /NXDOMAIN$/ });
});

t.test('resolve() fails with dns_timeout where a server stays silent', async (t) => {
  await using fixture = await start(({ type }) => (type === 'A' ? undefined : NO_DATA), { timeoutMs: 100 });
  const message = 'Cannot resolve "www.example": no answer in time';
  await t.rejects(fixture.ask('www.example'), { reason: 'dns_timeout', message });
  t.same(fixture.results, ['timeout']);
});

t.test('resolve() names the code of Node where it stands for no answer', async (t) => {
  const nobody = `127.0.0.1:${await closedPort()}`;
  const resolver = createResolver({ ...DEFAULTS, servers: [nobody] });
  t.teardown(() => resolver.close());
  await t.rejects(resolver.resolve(parseHost('www.example')), {
    reason: 'dns_error',
    message: 'Cannot resolve "www.example": ECONNREFUSED',
  });
});

t.test('resolve() has one query for any number that ask at once', async (t) => {
  const { promise, resolve } = Promise.withResolvers<DnsReply>();
  await using fixture = await start(onlyA({ addresses: ['192.0.2.1'] }));
  await using slow = await start(({ type }) => (type === 'A' ? promise : NO_DATA));
  const all = [slow.ask('www.example'), slow.ask('www.example'), slow.ask('www.example')];
  await fixture.ask('www.example');
  resolve({ addresses: ['192.0.2.9'] });
  t.same(await Promise.all(all), [['192.0.2.9'], ['192.0.2.9'], ['192.0.2.9']]);
  t.same([...slow.questions].sort(), ['A www.example', 'AAAA www.example']);
  t.same(slow.results, ['ok']);
});

/** A server that fails from the moment when `mood.reply` says how. */
function moody(): {
  readonly mood: { reply: DnsReply | undefined | Promise<DnsReply> };
  readonly script: DnsScript;
} {
  const mood: { reply: DnsReply | undefined | Promise<DnsReply> } = { reply: { addresses: ['192.0.2.1'] } };
  return { mood, script: ({ type }) => (type === 'A' ? mood.reply : NO_DATA) };
}

for (const [title, reply, result] of [
  ['SERVFAIL', { rcode: RCODE.servFail }, 'servfail'],
  ['silence', undefined, 'timeout'],
] as const) {
  t.test(
    `resolve() has an answer past its TTL stand in for ${title}, for staleTtl and no longer`,
    async (t) => {
      const { mood, script } = moody();
      await using fixture = await start(script, { timeoutMs: 100, maxTtlMs: 10_000 });
      await fixture.ask('www.example');
      mood.reply = reply;
      fixture.clock.ms += 10_001;
      t.same(await fixture.ask('www.example'), ['192.0.2.1']);
      t.same(await fixture.ask('www.example'), ['192.0.2.1'], 'without asking again');
      t.same(
        fixture.resolver.known(parseHost('www.example'))?.map(({ text }) => text),
        ['192.0.2.1'],
      );
      t.same(fixture.results, ['ok', result, 'stale', 'stale', 'stale']);
      fixture.clock.ms += 10_001;
      t.same(await fixture.ask('www.example'), ['192.0.2.1']);
      t.same(fixture.results.slice(5), [result, 'stale'], 'they are asked again after a while');
      fixture.clock.ms += 60_000;
      await t.rejects(fixture.ask('www.example'));
      mood.reply = { addresses: ['192.0.2.2'] };
      t.same(await fixture.ask('www.example'), ['192.0.2.2']);
    },
  );
}

for (const [title, reply] of [
  ['no such name', { rcode: RCODE.nxDomain }],
  ['no address', NO_DATA],
] as const) {
  t.test(`resolve() has nothing stand in where the servers say that there is ${title}`, async (t) => {
    const { mood, script } = moody();
    await using fixture = await start(script, { maxTtlMs: 10_000, negativeTtlMs: 0 });
    await fixture.ask('www.example');
    mood.reply = reply;
    fixture.clock.ms += 10_001;
    await t.rejects(fixture.ask('www.example'), { reason: 'dns_error', message: /^Cannot resolve/ });
    mood.reply = { rcode: RCODE.servFail };
    await t.rejects(
      fixture.ask('www.example'),
      { reason: 'dns_error', message: /^Cannot resolve/ },
      'and what it led to before is forgotten',
    );
  });
}

t.test('resolve() has nothing stand in where staleTtl is 0', async (t) => {
  const { mood, script } = moody();
  await using fixture = await start(script, { maxTtlMs: 10_000, staleTtlMs: 0 });
  await fixture.ask('www.example');
  mood.reply = { rcode: RCODE.servFail };
  fixture.clock.ms += 10_001;
  await t.rejects(fixture.ask('www.example'), { reason: 'dns_error', message: /^Cannot resolve/ });
});

t.test('resolve() does not wait long for slow servers where an answer can stand in', async (t) => {
  const { mood, script } = moody();
  await using fixture = await start(script, { maxTtlMs: 10_000, timeoutMs: 30_000 });
  await fixture.ask('www.example');
  const late = Promise.withResolvers<DnsReply>();
  mood.reply = late.promise;
  fixture.clock.ms += 10_001;
  t.same(await fixture.ask('www.example'), ['192.0.2.1']);
  t.same(fixture.results, ['ok', 'stale']);
  late.resolve({ addresses: ['192.0.2.2'] });
  while (fixture.results.length < 3) await new Promise((resolve) => setImmediate(resolve));
  t.same(fixture.results, ['ok', 'stale', 'ok'], 'the query went on');
  t.same(await fixture.ask('www.example'), ['192.0.2.2']);
});

t.test('resolve() waits for slow servers where what could stand in is forgotten meanwhile', async (t) => {
  const { mood, script } = moody();
  await using fixture = await start(script, { maxTtlMs: 10_000, timeoutMs: 30_000 });
  await fixture.ask('www.example');
  const late = Promise.withResolvers<DnsReply>();
  mood.reply = late.promise;
  fixture.clock.ms += 10_001;
  const asking = fixture.ask('www.example');
  // Only from then on it is settled that something could stand in.
  await until(() => fixture.questions.length > 2);
  fixture.clock.ms += 60_000;
  setTimeout(() => late.resolve({ addresses: ['192.0.2.2'] }), 1_100);
  t.same(await asking, ['192.0.2.2']);
  t.same(fixture.results, ['ok', 'ok']);
});

t.test('close() fails what is under way and forgets what is kept', async (t) => {
  const asked = Promise.withResolvers<void>();
  await using fixture = await start(({ name, type }) => {
    if (name === 'www.example') return { addresses: [type === 'A' ? '192.0.2.1' : '2001:db8::1'] };
    asked.resolve();
    return undefined;
  });
  await fixture.ask('www.example');
  const slow = t.rejects(fixture.ask('slow.example'), { reason: 'dns_error', message: /ECANCELLED$/ });
  await asked.promise;
  fixture.resolver.close();
  await slow;
  await fixture.ask('www.example');
  t.same(fixture.results, ['ok', 'error', 'ok']);
});

t.test('createResolver() takes the servers of the system where none are given', async (t) => {
  const resolver = createResolver({ ...DEFAULTS, hosts: { 'a.example': [ip('10.0.0.1')] } });
  t.teardown(() => resolver.close());
  t.same(await resolver.resolve(parseHost('a.example')), [ip('10.0.0.1')]);
});

t.test(
  'known() is what needs no waiting: literals, configured hosts, a fresh hosts file, the cache',
  async (t) => {
    const hostsFile = `${t.testdir({ hosts: '10.0.0.2 vm-b.example\n' })}/hosts`;
    const hosts = { 'vm-a.example': [ip('10.0.0.1')] };
    await using fixture = await start(onlyA({ addresses: ['192.0.2.1'], ttl: 60 }), { hosts, hostsFile });
    const known = (name: string): string[] | undefined =>
      fixture.resolver.known(parseHost(name))?.map(({ text }) => text);
    t.same(known('192.0.2.9'), ['192.0.2.9']);
    t.same(fixture.results, []);
    t.same(known('vm-a.example'), ['10.0.0.1']);
    t.equal(known('vm-b.example'), undefined, 'nobody has looked at the file yet');
    t.equal(known('a.example'), undefined);
    t.same(await fixture.ask('a.example'), ['192.0.2.1']);
    t.same(known('a.example'), ['192.0.2.1']);
    t.same(known('vm-b.example'), ['10.0.0.2']);
    t.equal(known('b.example'), undefined);
    t.same(fixture.results, ['hosts', 'ok', 'cached', 'hosts']);
    fixture.clock.ms += 1_000;
    t.equal(known('vm-b.example'), undefined, 'the file may have changed');
    t.equal(known('a.example'), undefined, 'and may name it now');
    t.same(known('vm-a.example'), ['10.0.0.1']);
  },
);

t.test('known() leaves a failure that is kept to resolve()', async (t) => {
  await using fixture = await start(() => ({ rcode: RCODE.nxDomain }));
  t.match(await faultOf(fixture.ask('a.example')), { reason: 'dns_error', message: /^Cannot resolve/ });
  t.equal(fixture.resolver.known(parseHost('a.example')), undefined);
  t.match(await faultOf(fixture.ask('a.example')), { reason: 'dns_error', message: /^Cannot resolve/ });
  t.same(fixture.results, ['nxdomain', 'cached']);
});
