import t from 'tap';
import { type AclOptions, ALL, compileAcl, compileAcls } from '#match/acl.ts';
import { parseDomainPattern } from '#match/domains.ts';
import { parsePattern } from '#match/patterns.ts';
import { parsePortRange } from '#match/ports.ts';
import { parseHours } from '#match/time.ts';
import { Tri } from '#match/tri.ts';
import { networks, type SubjectParts, subject } from '../../fixtures/subject.ts';

const EVERY_KEY: AclOptions = {
  src: networks('10.128.0.0/14'),
  dst: networks('93.184.0.0/16'),
  dstDomains: ['.microsoft.com'].map(parseDomainPattern),
  ports: [443].map(parsePortRange),
  methods: ['GET'],
  listeners: ['microsoft'],
  time: { hours: parseHours('00:00-12:00') },
  dstDomainRegex: [parsePattern('^login')],
  urlRegex: [parsePattern('/login$')],
  schemes: ['http'],
  headers: { 'x-team': { present: true } },
  users: ['alice'],
  namespaces: ['api'],
  podLabels: { app: ['api'] },
  namespaceLabels: { team: ['a'] },
  serviceAccounts: ['builder'],
  clientCerts: ['cn:api'],
  sni: ['.microsoft.com'].map(parseDomainPattern),
};

const LABELS = new Map([['app', 'api']]);

const IDENTITY = {
  namespace: 'api',
  serviceAccount: 'builder',
  podLabels: LABELS,
  namespaceLabels: { labels: new Map([['team', 'a']]), hasAllLabels: true },
};

const MATCHING: SubjectParts = {
  destination: '93.184.216.34',
  method: 'GET',
  url: 'http://login.microsoft.com/login',
  headers: ['X-Team', 'a'],
  user: 'alice',
  identity: IDENTITY,
  clientCert: ['cn:api'],
  sni: 'login.microsoft.com',
};

t.test('compileAcl() holds where every key holds', async (t) => {
  const acl = compileAcl('every', EVERY_KEY);
  t.equal(acl.name, 'every');
  t.ok(Object.isFrozen(acl));
  t.same(
    acl.matchers.map(({ key }) => key),
    [
      ...['listeners', 'methods', 'schemes', 'ports', 'time'],
      ...['users', 'namespaces', 'serviceAccounts', 'podLabels', 'namespaceLabels', 'clientCerts', 'src'],
      ...['dstDomains', 'sni', 'headers', 'dstDomainRegex', 'urlRegex', 'dst'],
    ],
    'cheapest first',
  );
  t.equal(acl.test(subject(MATCHING)), Tri.True);
});

const FALSIFYING: Readonly<Record<keyof AclOptions, SubjectParts>> = {
  src: { client: '10.0.0.1' },
  dst: { destination: '10.0.0.1' },
  dstDomains: { host: 'example.com' },
  ports: { port: 80 },
  methods: { method: 'POST' },
  listeners: { listener: 'other' },
  time: { at: '2026-11-23T12:00Z' },
  dstDomainRegex: { host: 'www.microsoft.com' },
  urlRegex: { url: 'http://login.microsoft.com/' },
  schemes: { method: 'CONNECT' },
  headers: { headers: [] },
  users: { user: 'bob' },
  namespaces: { identity: { ...IDENTITY, namespace: 'web' } },
  podLabels: { identity: { ...IDENTITY, podLabels: new Map([['app', 'web']]) } },
  namespaceLabels: {
    identity: { ...IDENTITY, namespaceLabels: { labels: new Map(), hasAllLabels: true } },
  },
  serviceAccounts: { identity: { ...IDENTITY, serviceAccount: 'default' } },
  clientCerts: { clientCert: ['cn:web'] },
  sni: { sni: 'example.com' },
};

for (const [key, parts] of Object.entries(FALSIFYING)) {
  t.test(`compileAcl() fails where ${key} alone does not hold`, async (t) => {
    t.equal(compileAcl('every', EVERY_KEY).test(subject({ ...MATCHING, ...parts })), Tri.False);
  });
}

const DOMAIN = ['.microsoft.com'].map(parseDomainPattern);
const PORT = [443].map(parsePortRange);
const NETWORK = networks('93.184.0.0/16');

const CONJUNCTIONS: readonly [title: string, options: AclOptions, parts: SubjectParts, expected: Tri][] = [
  ['true and unknown is unknown', { ports: PORT, dstDomains: DOMAIN }, { host: '10.0.0.1' }, Tri.Unknown],
  [
    'false and unknown is false',
    { ports: PORT, dstDomains: DOMAIN },
    { host: '10.0.0.1', port: 80 },
    Tri.False,
  ],
  ['unknown and false is false', { dst: NETWORK, dstDomains: DOMAIN }, { host: '10.0.0.1' }, Tri.False],
  [
    'unknown and true is unknown',
    { dst: NETWORK, dstDomains: DOMAIN },
    { host: '93.184.216.34' },
    Tri.Unknown,
  ],
  ['true and pending is pending', { ports: PORT, dst: NETWORK }, {}, Tri.Pending],
  ['false and pending is false', { ports: PORT, dst: NETWORK }, { port: 80 }, Tri.False],
];

for (const [title, options, parts, expected] of CONJUNCTIONS) {
  t.test(`compileAcl(): ${title}`, async (t) => {
    t.equal(compileAcl('some', options).test(subject(parts)), expected);
  });
}

t.test('compileAcl() knows which phase it needs and whether it names domains', async (t) => {
  t.match(compileAcl('a', { dst: NETWORK }), { usesDestination: true, namesDomain: false });
  t.match(compileAcl('a', { dstDomains: DOMAIN }), { usesDestination: false, namesDomain: true });
  t.match(compileAcl('a', { ports: PORT }), { usesDestination: false, namesDomain: false });
});

t.test('compileAcl() knows whether it names methods', async (t) => {
  t.equal(compileAcl('a', { methods: ['GET'], ports: PORT }).namesMethod, true);
  t.equal(compileAcl('a', { ports: PORT }).namesMethod, false);
});

t.test('compileAcl() refuses options that would hold always or never', async (t) => {
  t.throws(() => compileAcl('none', {}), {
    message: 'ACL "none" has no key, use the built-in "all" for everything',
  });
  t.throws(() => compileAcl('none', { src: undefined }), { message: /has no key/ });
  t.throws(() => compileAcl('empty', { src: [] }), {
    message: 'ACL "empty" has an empty list under "src", remove the key',
  });
});

t.test('compileAcls() compiles by name and adds the built-in all', async (t) => {
  const acls = compileAcls({ tls: { ports: PORT } });
  t.same([...acls.keys()], [ALL, 'tls']);
  t.equal(acls.get('tls')?.test(subject({ port: 80 })), Tri.False);
  t.match(acls.get(ALL), { name: 'all', matchers: [], usesDestination: false, namesDomain: false });
  t.equal(acls.get(ALL)?.test(subject({ host: '10.0.0.1' })), Tri.True);
});

t.test('compileAcls() refuses to define all anew', async (t) => {
  const message = 'ACL "all" is built in, choose another name';
  t.throws(() => compileAcls({ all: { ports: PORT } }), { message });
});
