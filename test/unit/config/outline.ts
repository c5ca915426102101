import fc from 'fast-check';
import t from 'tap';
import { outlineOf } from '#config/outline.ts';
import { outline } from '../../fixtures/config.ts';

t.test('outlineOf() gathers names and references with their places', async (t) => {
  const found = outline(`
listeners: [{ name: main, address: 127.0.0.1:1 }]
admin: { address: 127.0.0.1:2, readiness: peers }
acls:
  a: { src: [10.0.0.0/8], listeners: [main] }
  b: { dstDomains: { file: domains.txt }, dstDomainRegex: [x], urlRegex: { file: urls.txt } }
access:
  - { name: r, allow: [a, "!b"], deny: [c], upgrade: [websocket], limit: few }
limits: { few: { per: source } }
peers: { p: { address: x:1, health: {} } }
routes:
  - { name: out, when: ["!a"], peers: [p], resolve: here }
  - { direct: true }
hop: { assert: { keyFile: a.key }, trust: { from: [a, "!!b"], keyFiles: [b.key, 7, c.key] } }
dns: { hostsFile: hosts }
auth: { usersFile: users.txt }
`);
  t.match(found, {
    acls: [
      {
        name: 'a',
        path: ['acls', 'a'],
        matchers: new Set(['src', 'listeners']),
        listeners: [{ name: 'main', path: ['acls', 'a', 'listeners', 0] }],
        domainFile: undefined,
        patternFiles: [],
      },
      {
        name: 'b',
        domainFile: { name: 'domains.txt', path: ['acls', 'b', 'dstDomains', 'file'] },
        patternFiles: [{ name: 'urls.txt', path: ['acls', 'b', 'urlRegex', 'file'] }],
      },
    ],
    keyFiles: [
      { name: 'a.key', path: ['hop', 'assert', 'keyFile'] },
      { name: 'b.key', path: ['hop', 'trust', 'keyFiles', 0] },
      { name: 'c.key', path: ['hop', 'trust', 'keyFiles', 2] },
    ],
    trustKeys: new Set(['from', 'keyFiles']),
    hasAuth: true,
    usersFile: { name: 'users.txt', path: ['auth', 'usersFile'] },
    limits: [{ name: 'few', path: ['limits', 'few'] }],
    peers: [{ name: 'p', path: ['peers', 'p'], hasHealth: true }],
    readiness: { name: 'peers', path: ['admin', 'readiness'] },
    listenerNames: [{ name: 'main', path: ['listeners', 0, 'name'] }],
    rules: [
      {
        path: ['access', 0],
        keys: new Set(['name', 'allow', 'deny', 'upgrade', 'limit']),
        limit: { name: 'few', path: ['access', 0, 'limit'] },
        acls: [
          { name: 'a', path: ['access', 0, 'allow', 0] },
          { name: 'b', path: ['access', 0, 'allow', 1] },
          { name: 'c', path: ['access', 0, 'deny', 0] },
        ],
      },
    ],
    ruleNames: [{ name: 'r', path: ['access', 0, 'name'] }],
    routes: [
      {
        name: 'out',
        keys: new Set(['name', 'when', 'peers', 'resolve']),
        when: [{ name: 'a', path: ['routes', 0, 'when', 0] }],
        peers: [{ name: 'p', path: ['routes', 0, 'peers', 0] }],
        resolve: 'here',
      },
      { name: 'routes[1]', keys: new Set(['direct']), resolve: undefined },
    ],
    routeNames: [{ name: 'out', path: ['routes', 0, 'name'] }],
    trust: [
      { name: 'a', path: ['hop', 'trust', 'from', 0] },
      { name: '!b', path: ['hop', 'trust', 'from', 1] },
    ],
    addresses: [
      { path: ['listeners', 0, 'address'], address: { port: 1 } },
      { path: ['admin', 'address'], address: { port: 2 } },
    ],
    hostsFile: { name: 'hosts', path: ['dns', 'hostsFile'] },
  });
});

t.test('outlineOf() takes an absent section for an empty one, and a broken one for unreadable', async (t) => {
  t.match(outlineOf({}), {
    acls: [],
    peers: [],
    listenerNames: [],
    rules: [],
    routes: [],
    hostsFile: undefined,
  });
  t.match(outlineOf({ acls: [], peers: null }), { acls: undefined, peers: undefined });
});

t.test('outlineOf() leaves out what is malformed', async (t) => {
  const found = outline(`
listeners: [main, { name: 5, address: nonsense }, { address: 5 }]
acls: { a: 5, b: { listeners: main } }
access: [5, { allow: [5, a] }]
`);
  t.same(found.listenerNames, []);
  t.same(found.addresses, []);
  t.same(
    found.acls?.map(({ matchers }) => [...matchers]),
    [[], ['listeners']],
  );
  t.same(
    found.rules.map(({ acls }) => acls),
    [[], [{ name: 'a', path: ['access', 1, 'allow', 1] }]],
  );
});

t.test('outlineOf() never throws', async (t) => {
  const keys = ['acls', 'access', 'listeners', 'routes', 'hop', 'trust', 'from', 'dns', 'a'];
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.anything({ maxDepth: 0 }),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...keys), tie('tree')),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      outlineOf(value);
    }),
    { seed: 20_261_129 },
  );
  t.pass();
});

t.test('outlineOf() gathers the files of TLS and passwords, of peers and listeners', async (t) => {
  const { tls, passwordFiles } = outlineOf({
    listeners: [{ tls: { cert: 'a', key: 1, clientCa: 'c' } }, { name: 'plain' }, 'nonsense'],
    peers: {
      p: { tls: { ca: 'd' }, auth: { passwordFile: 'e' } },
      q: { tls: null, auth: 'nonsense' },
      r: {},
    },
  });
  t.strictSame(
    tls.map(({ kind, path, ca, cert, key }) => [kind, path.join('.'), ca?.name, cert?.name, key?.name]),
    [
      ['listener', 'listeners.0.tls', 'c', 'a', undefined],
      ['peer', 'peers.p.tls', 'd', undefined, undefined],
      ['peer', 'peers.q.tls', undefined, undefined, undefined],
    ],
  );
  t.strictSame(passwordFiles, [{ name: 'e', path: ['peers', 'p', 'auth', 'passwordFile'] }]);
});

t.test('outlineOf() takes the store of limits for no limit, and names its files', async (t) => {
  const { limits, redis, tls, passwordFiles } = outlineOf({
    limits: { store: { redis: { url: 'rediss://a', caFile: 'ca.pem', passwordFile: 'p' } }, few: {} },
  });
  const path = ['limits', 'store', 'redis'];
  t.same(limits, [{ name: 'few', path: ['limits', 'few'] }]);
  t.equal(redis.url, 'rediss://a');
  const ca = { name: 'ca.pem', path: [...path, 'caFile'] };
  t.same(tls, [{ kind: 'peer', path, ca, cert: undefined, key: undefined }]);
  t.same(passwordFiles, [{ name: 'p', path: [...path, 'passwordFile'] }]);
});
