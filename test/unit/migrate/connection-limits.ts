import t from 'tap';
import { imported, rulesOf, toldOf } from '../../fixtures/imported.ts';

const ACLS = ['acl many maxconn 10', 'acl few maxconn 5', 'acl net src 10.0.0.0/8'];

t.test('maxconn that is denied alone becomes a limit of the rules below', async (t) => {
  const found = await imported(t, [
    ...ACLS,
    'http_access allow net',
    'http_access deny MANY',
    'http_access allow localhost',
    'http_access deny few',
    'http_access allow CONNECT',
    'http_access deny all',
  ]);
  t.match(found.config.access, [
    { name: 'allow-net' },
    { limit: 'connections-10' },
    { limit: 'connections-5' },
    {},
  ]);
  t.notOk('limit' in found.config.access[0], 'above it nothing is counted');
  t.same(found.config.limits, {
    'connections-10': { per: 'source', tunnels: 10 },
    'connections-5': { per: 'source', tunnels: 5 },
  });
  t.match(toldOf(found, 1)[0], /^same Limit "connections-10": see the http_access/);
  t.match(
    toldOf(found, 5)[0],
    /^changed No rule, but limit "connections-10".*: 10 tunnels .* 429 .*plain HTTP is not limited/,
  );
});

t.test('the smallest of several counts, and what Squid allows at the end counts too', async (t) => {
  const found = await imported(t, [...ACLS, 'http_access deny few', 'http_access deny many']);
  t.match(found.config.access, [{ name: 'otherwise', allow: ['all'], limit: 'connections-5' }]);
  t.same(found.config.limits, { 'connections-5': { per: 'source', tunnels: 5 } });
});

t.test('maxconn whose limit no rule has is told as left out', async (t) => {
  for (const [lines, line] of [
    [['http_access deny all', 'http_access deny many'], 5],
    [['http_access deny many', 'http_access deny all'], 4],
    [['http_access deny few', 'http_access deny many', 'http_access allow net'], 5],
  ] as const) {
    const found = await imported(t, [...ACLS, ...lines]);
    t.notOk('connections-10' in (found.config.limits ?? {}));
    t.same(toldOf(found, 1), ['dropped Nothing that is carried over uses it']);
    t.match(toldOf(found, line), [/^dropped N(?:ever reached|o rule below it allows)/]);
  }
});

const OTHER = [
  ['http_access deny net many', 'http_access allow all'],
  ['http_access deny !many', 'http_access allow all'],
  ['http_access allow many', 'http_access deny all'],
  ['http_access deny many', 'always_direct allow many', 'http_access allow all'],
  ['acl g any-of many net', 'http_access deny g', 'http_access deny many', 'http_access allow all'],
];

for (const lines of OTHER) {
  t.test(`maxconn in another shape is dangerous: ${lines[0]}`, async (t) => {
    const found = await imported(t, [...ACLS, ...lines]);
    t.match(toldOf(found, 1)[0], /^dangerous Nothing limits connections here/);
    t.equal(found.config.limits, undefined);
  });
}

for (const values of ['0', '-s 5', '5 6', 'x', '']) {
  t.test(`maxconn of other values is dangerous: ${values}`, async (t) => {
    const found = await imported(t, [
      `acl m maxconn ${values}`,
      'http_access deny m',
      'http_access allow all',
    ]);
    t.ok(toldOf(found, 1).some((text) => text.startsWith('dangerous')));
    t.same(rulesOf(found), ['allow all']);
  });
}

t.test('maxconn that nothing uses is not dangerous', async (t) => {
  const found = await imported(t, [...ACLS, 'http_access deny all']);
  t.same(toldOf(found, 1), ['dropped Nothing that is carried over uses it']);
});
