import t from 'tap';
import { imported, toldOf } from '../../fixtures/imported.ts';

const ACLS = [
  'acl m dstdomain -n .microsoft.com',
  'acl o dstdomain -n .other.com',
  'acl i dst 10.0.0.0/8',
  'acl u ident REQUIRED',
];
const [A, B] = ['a', 'b'].map((name) => `cache_peer ${name}.example.com parent 3128 0 name=${name}`);

interface Expected {
  readonly lines: readonly (string | undefined)[];
  /** `when: peers` or `when: direct`. */
  readonly routes: readonly string[];
  readonly told?: RegExp;
}

const LEAK =
  /^dangerous Squid sends CONNECT and every other request that is not hierarchical out directly, past this parent/m;
const ROUTES: Readonly<Record<string, Expected>> = {
  'without parents it is direct': { lines: [], routes: ['always: direct'] },
  'never_direct without parents leaves no way out': {
    lines: ['never_direct allow all'],
    routes: ['!all: direct'],
  },
  'never_direct allow all is peers only': { lines: [A, 'never_direct allow all'], routes: ['always: a'] },
  'without never_direct Squid leaks, and Weir does not': { lines: [A], routes: ['always: a'], told: LEAK },
  'never_direct for some is no cure': {
    lines: [A, 'never_direct allow m'],
    routes: ['always: a'],
    told: LEAK,
  },
  'nor is nonhierarchical_direct off': {
    lines: [A, 'nonhierarchical_direct off'],
    routes: ['always: a'],
    told: /^dangerous Squid sends requests out directly where this parent is down/m,
  },
  'always_direct comes first': {
    lines: [A, 'never_direct allow all', 'always_direct allow m'],
    routes: ['m: direct', 'always: a'],
  },
  'a deny before it makes an exception': {
    lines: [A, 'never_direct allow all', 'always_direct deny o', 'always_direct allow m'],
    routes: ['!o m: direct', 'always: a'],
  },
  'peers that take the same are one route': {
    lines: [A, B, 'never_direct allow all'],
    routes: ['always: a,b'],
  },
  'peers by cache_peer_access': {
    lines: [
      A,
      B,
      'never_direct allow all',
      'cache_peer_access a allow m',
      'cache_peer_access a deny all',
      'cache_peer_access b deny m',
    ],
    routes: ['m: a', '!m: b'],
  },
  'one that takes everything joins the others': {
    lines: [A, B, 'never_direct allow all', 'cache_peer_access a allow m', 'cache_peer_access a deny all'],
    routes: ['m: a,b', 'always: b'],
  },
  'what no peer takes goes direct only where it may': {
    lines: [A, 'cache_peer_access a allow m', 'cache_peer_access a deny all', 'never_direct allow o'],
    routes: ['m: a', '!o: direct'],
    told: /^dangerous What no peer takes goes out directly/m,
  },
  'but not where it is unknown what the peer takes': {
    lines: [A, 'cache_peer_access a allow u', 'cache_peer_access a deny all'],
    routes: ['!all: direct'],
  },
  'an address is not known in time': {
    lines: [A, 'never_direct allow all', 'always_direct allow i'],
    routes: ['always: a'],
    told: /^changed This is asked before names are resolved/m,
  },
};

for (const [title, { lines, routes, told = /^/ }] of Object.entries(ROUTES)) {
  t.test(`translateRoutes(): ${title}`, async (t) => {
    const found = await imported(t, [...ACLS, ...lines.map(String), 'http_access deny all']);
    const written = found.config.routes.map(
      ({ when, peers }: { when?: string[]; peers?: string[] }) =>
        `${when?.join(' ') ?? 'always'}: ${peers?.join() ?? 'direct'}`,
    );
    t.same(written, routes);
    t.match(found.told.map((text) => text.replace(/^\d+ /, '')).join('\n'), told);
  });
}

t.test('translateRoutes() keeps turns and last resorts', async (t) => {
  const turns = await imported(t, [`${A} default round-robin`, `${B} round-robin`, 'never_direct allow all']);
  t.match(turns.config.routes, [{ peers: ['b', 'a'], balance: 'roundRobin' }]);
});

t.test('translateRoutes() resolves here where rules judge addresses', async (t) => {
  const found = await imported(t, [
    ...ACLS,
    String(A),
    'never_direct allow all',
    'http_access deny i',
    'http_access deny all',
  ]);
  t.match(found.config.routes, [{ resolve: 'here' }]);
});

t.test('translateRoutes() tells of peers that are not there', async (t) => {
  const found = await imported(t, ['cache_peer_access zz allow all']);
  t.match(toldOf(found, 1)[0], 'error There is no peer "zz"');
});
