import t from 'tap';
import { parse } from 'yaml';
import { assemble, type Origin } from '#config/assemble.ts';
import type { Config } from '#config/config.ts';
import { configSchema } from '#config/schema.ts';
import { parseDomainPattern } from '#match/domains.ts';
import { parsePattern } from '#match/patterns.ts';
import { keyOf } from '../../fixtures/assertions.ts';
import { NO_FILES } from '../../fixtures/companions.ts';
import { configText } from '../../fixtures/config.ts';

const IN_ETC: Origin = { file: '/etc/weir/t1.yaml', digest: 'd1' };

function assembled(lines: string, companions = NO_FILES, origin = IN_ETC): Config {
  return assemble(configSchema.parse({ ...parse(configText()), ...parse(lines) }), companions, origin);
}

t.test('assemble() makes the whole configuration', async (t) => {
  const config = assembled(`
admin: { address: "[::]:9128" }
peers: { vm-a: { address: a:1 }, vm-b: { address: b:2, hop: true, connectTimeout: 2s, weight: 3, maxTunnels: 9, health: { target: "c:3" } } }
routes: [{ name: out, when: [all], peers: [vm-a], balance: roundRobin }, { name: in, direct: true }]
openProxy: true
guard: { allow: [10.0.0.0/8] }
hop: { trust: { from: [tls_ports] } }
dns: { servers: [10.0.0.10], hosts: { a: 10.0.0.1 }, negativeTtl: 0s }
log: { level: warn }
`);
  t.match(config, {
    name: 't1',
    listeners: [{ name: 'main', host: '127.0.0.1', port: 0 }],
    admin: { host: '::', port: 9128, readiness: 'process' },
    policy: {
      acls: { tls_ports: { ports: [{ text: '443' }] } },
      access: [{ name: 'tls', allow: ['tls_ports'] }],
    },
    peers: {
      'vm-a': { name: 'vm-a', address: { text: 'a:1' }, hop: false, connectTimeoutMs: undefined, weight: 1 },
      'vm-b': {
        name: 'vm-b',
        address: { text: 'b:2' },
        hop: true,
        connectTimeoutMs: 2000,
        weight: 3,
        maxTunnels: 9,
        health: { intervalMs: 10_000, target: { text: 'c:3' } },
      },
    },
    guard: { allow: [{ text: '10.0.0.0/8' }], deny: [] },
    hop: { trustFrom: ['tls_ports'] },
    openProxy: true,
  });
  t.same(config.routes, [
    {
      name: 'out',
      when: ['all'],
      peers: ['vm-a'],
      balance: 'roundRobin',
      direct: false,
      source: undefined,
      resolve: 'peer',
    },
    {
      name: 'in',
      when: [],
      peers: [],
      balance: 'failover',
      direct: true,
      source: undefined,
      resolve: 'here',
    },
  ]);
  t.match(config.dns, {
    servers: ['10.0.0.10:53'],
    hosts: { a: [{ text: '10.0.0.1' }] },
    hostsFile: '/etc/hosts',
    minTtlMs: 1000,
    maxTtlMs: 300_000,
    negativeTtlMs: 0,
    staleTtlMs: 60_000,
    timeoutMs: 3000,
  });
  t.same(config.log, { accessPath: 'stdout', accessFormat: 'json', level: 'warn' });
  t.ok(Object.isFrozen(config.policy.acls.tls_ports?.ports), 'frozen to the leaves');
});

t.test('assemble() gives a rate a burst of two seconds, and of one request at least', async (t) => {
  const { limits } = assembled(`
limits:
  a: { per: source, requests: 50/s, tunnels: 5 }
  b: { per: user, requests: 50/s, burst: 7 }
  c: { per: rule, requests: 1/h }
  d: { per: global, bandwidth: 1KiB/s, bytesPerDay: 1B }
`);
  const nothing = { requests: undefined, tunnels: undefined, bandwidth: undefined, bytesPerDay: undefined };
  t.same(limits, {
    a: { ...nothing, name: 'a', per: 'source', requests: { perSecond: 50, burst: 100 }, tunnels: 5 },
    b: { ...nothing, name: 'b', per: 'user', requests: { perSecond: 50, burst: 7 } },
    c: { ...nothing, name: 'c', per: 'rule', requests: { perSecond: 1 / 3600, burst: 1 } },
    d: { ...nothing, name: 'd', per: 'global', bandwidth: 1024, bytesPerDay: 1 },
  });
});

const ESTABLISH: Readonly<Record<string, readonly [lines: string, ms: number]>> = {
  '8 s where every route is direct': ['', 8000],
  '10 s where a route has peers': [
    'peers: { p: { address: a:1 } }\nroutes: [{ name: d, direct: true }, { name: p, peers: [p] }]',
    10_000,
  ],
  'what is written': ['timeouts: { establish: 1s }', 1000],
};

for (const [what, [lines, ms]] of Object.entries(ESTABLISH)) {
  t.test(`assemble() sets timeouts.establish to ${what}`, async (t) => {
    t.equal(assembled(lines).timeouts.establish, ms);
  });
}

t.test('assemble() keeps resolve as written', async (t) => {
  const { routes } = assembled(
    'peers: { p: { address: a:1 } }\nroutes: [{ name: p, peers: [p], resolve: here }]',
  );
  t.equal(routes[0]?.resolve, 'here');
});

t.test('assemble() puts domains in the place of their file', async (t) => {
  const domains = new Map([['d.txt', ['.a.com'].map(parseDomainPattern)]]);
  const lines = 'acls: { tls_ports: { dstDomains: { file: d.txt } }, b: { dstDomains: [b.com] } }';
  const { acls } = assembled(lines, { ...NO_FILES, domains }).policy;
  t.match(acls, { tls_ports: { dstDomains: [{ text: '.a.com' }] }, b: { dstDomains: [{ text: 'b.com' }] } });
});

t.test('assemble() puts users in the place of their file', async (t) => {
  const users = [{ name: 'alice', hash: 'h' }];
  t.same(assembled('auth: { usersFile: u.txt }', { ...NO_FILES, users }).auth, { users });
  t.equal(assembled('{}', { ...NO_FILES, users }).auth, undefined);
});

t.test('assemble() puts patterns in the place of their file', async (t) => {
  const patterns = new Map([['p.txt', ['^a'].map(parsePattern)]]);
  const lines = 'acls: { tls_ports: { dstDomainRegex: { file: p.txt }, urlRegex: [b$] } }';
  const { acls } = assembled(lines, { ...NO_FILES, patterns }).policy;
  t.match(acls, { tls_ports: { dstDomainRegex: [{ text: '^a' }], urlRegex: [{ text: 'b$' }] } });
});

t.test('assemble() makes paths absolute, beside the file', async (t) => {
  const config = assembled(
    'dns: { hostsFile: hosts }\nlog: { access: { path: ../access.log } }\ncache: { socket: a.sock, disk: { path: kept, size: 1GiB } }',
  );
  t.equal(config.file, '/etc/weir/t1.yaml');
  t.equal(config.dns.hostsFile, '/etc/weir/hosts');
  t.equal(config.log.accessPath, '/etc/access.log');
  t.equal(config.cache.socket, '/etc/weir/a.sock');
  t.same(config.cache.disk, { path: '/etc/weir/kept', size: 2 ** 30 });
  t.equal(assembled('dns: { hostsFile: none }').dns.hostsFile, undefined);
});

t.test('assemble() lists the files that it was made of, with their digests', async (t) => {
  const digests = new Map([['/etc/weir/d.txt', 'd2']]);
  const config = assembled('', { ...NO_FILES, digests });
  t.same(config.digests, { '/etc/weir/d.txt': 'd2', '/etc/weir/t1.yaml': 'd1' });
  t.same(config.files, ['/etc/weir/d.txt', '/etc/weir/t1.yaml']);
});

t.test('assemble() needs no file', async (t) => {
  const config = assembled('log: { access: { path: access.log } }', NO_FILES, {
    file: undefined,
    digest: 'd1',
  });
  t.equal(config.file, undefined);
  t.same(config.files, []);
  t.equal(config.log.accessPath, `${process.cwd()}/access.log`);
});

t.test('assemble() hashes what is in force, not where it came from', async (t) => {
  const { hash } = assembled('dns: { hostsFile: hosts }');
  const elsewhere = { file: '/opt/t1.yaml', digest: 'other' };
  t.match(hash, /^[0-9a-f]{64}$/);
  t.equal(assembled('dns: { hostsFile: hosts, minTtl: 1000ms }', NO_FILES, elsewhere).hash, hash);
  t.not(assembled('dns: { hostsFile: hosts, minTtl: 2s }').hash, hash, 'another setting');
  const digests = new Map([['/etc/weir/hosts', 'd3']]);
  t.not(
    assembled('dns: { hostsFile: hosts }', { ...NO_FILES, digests }).hash,
    hash,
    'another content of a file',
  );
});

t.test('assemble() puts keys, audience and clients into the configuration', async (t) => {
  const keys = new Map([
    ['a.key', [keyOf(1), keyOf(2)]],
    ['b.key', [keyOf(3)]],
  ]);
  const lines = `
identity: { static: { 10.1.0.0/16: { namespace: api } } }
hop:
  assert: { keyFile: a.key }
  trust: { from: [tls_ports], keyFiles: [a.key, b.key], audience: ["T2:1"], replayDirectory: used }
`;
  const config = assembled(lines, { ...NO_FILES, keys });
  t.match(config.clients, [{ network: { text: '10.1.0.0/16' }, namespace: 'api' }]);
  t.same(config.hop, {
    trustFrom: ['tls_ports'],
    verify: { keys: [keyOf(1), keyOf(2), keyOf(3)], audience: ['t2:1'], replayDirectory: '/etc/weir/used' },
    assert: { keys: [keyOf(1), keyOf(2)], labels: [] },
  });
  t.same(config.secretFiles, ['/etc/weir/a.key', '/etc/weir/b.key']);
  const other = assembled(lines, { ...NO_FILES, keys: new Map([...keys, ['b.key', [keyOf(4)]]]) });
  t.not(other.hash, config.hash, 'another key is another policy');
  const none = assembled(
    'hop: { assert: { keyFile: gone, labels: [app] }, trust: { from: [all], keyFiles: [gone], audience: ["a:1"] } }',
  );
  t.match(none.hop, {
    assert: { keys: [], labels: ['app'] },
    verify: { keys: [], replayDirectory: undefined },
  });
});

t.test('assemble() has the name of a socket that is handed over, and any address', async (t) => {
  const { listeners } = assembled('listeners: [{ name: main, address: "systemd:weir" }]');
  t.match(listeners, [{ name: 'main', host: '::', port: 0, socket: 'weir' }]);
});

t.test('assemble() takes over the bounds of a listener and the address of a route', async (t) => {
  const { listeners, routes, openProxy } = assembled(`
listeners:
  - { name: a, address: 127.0.0.1:1, maxConnections: 100, maxConnectionsPerClient: 10 }
  - { name: b, address: 127.0.0.1:2 }
routes: [{ name: out, direct: true, sourceAddress: "2001:db8::5" }]
`);
  t.match(listeners, [
    { name: 'a', maxConnections: 100, maxConnectionsPerClient: 10 },
    { name: 'b', maxConnections: undefined, maxConnectionsPerClient: undefined },
  ]);
  t.match(routes, [{ source: { text: '2001:db8::5' } }]);
  t.equal(openProxy, false);
});
