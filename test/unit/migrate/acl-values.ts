import t from 'tap';
import { imported, rulesOf, toldOf } from '../../fixtures/imported.ts';

/** The one ACL that lines of one name become, where an allow rule uses it. */
async function aclOf(t: Parameters<typeof imported>[0], ...lines: string[]) {
  const found = await imported(t, [
    ...lines.map((line) => `acl x ${line}`),
    'http_access allow x',
    'http_access deny all',
  ]);
  return { found, acl: found.config.acls?.x, rules: rulesOf(found) };
}

const ACLS: Readonly<Record<string, readonly [lines: readonly string[], acl: unknown]>> = {
  'lines of one name are one list': [
    ['src 10.0.0.1', 'src 10.0.0.3'],
    { src: ['10.0.0.1/32', '10.0.0.3/32'] },
  ],
  'ports and ranges; port 0 is none': [['port 80 0-1024 0'], { ports: [80, '1-1024'] }],
  'methods in any case, and of those Weir knows': [
    ['method get CONNECT FROBNICATE'],
    { methods: ['GET', 'CONNECT'] },
  ],
  'domains in lower case, each once': [['dstdomain .A.com a.org A.ORG'], { dstDomains: ['.a.com', 'a.org'] }],
  'what Squid never matches is left out': [
    ['dstdomain *.a.com b.com. münchen.de c.com'],
    { dstDomains: ['c.com'] },
  ],
  'and so is an address': [['dstdomain 10.0.0.1 c.com'], { dstDomains: ['c.com'] }],
  'the scheme of CONNECT is NONE': [['proto NONE'], { methods: ['CONNECT'] }],
};

for (const [title, [lines, acl]] of Object.entries(ACLS)) {
  t.test(`an ACL: ${title}`, async (t) => t.same((await aclOf(t, ...lines)).acl, acl));
}

t.test('an ACL of proto HTTP is any method but CONNECT', async (t) => {
  const { found, rules } = await aclOf(t, 'proto HTTP');
  t.same(found.config.acls, { 'not-x': { methods: ['CONNECT'] } });
  t.same(rules, ['allow !not-x', 'deny all']);
});

const CONSTANT: Readonly<Record<string, readonly [line: string, rules: readonly string[]]>> = {
  'src all always holds': ['src all', ['allow all']],
  'proto of both always holds': ['proto HTTP NONE', ['allow all']],
  'proto FTP never holds': ['proto FTP', ['deny all']],
  'an ACL without values never holds': ['dstdomain', ['deny all']],
  'one of entries that never match never holds': ['dstdomain *.a.com', ['deny all']],
  'what is known of answers only never holds': ['rep_mime_type text/html', ['deny all']],
  'an annotation always holds': ['annotate_client a=b', ['allow all']],
};

for (const [title, [line, rules]] of Object.entries(CONSTANT)) {
  t.test(`an ACL: ${title}`, async (t) => t.same((await aclOf(t, line)).rules, rules));
}

const UNKNOWN: Readonly<Record<string, readonly [line: string, told: RegExp]>> = {
  'a host name among addresses': ['src example.com', /^error "example\.com" is no address/],
  'a word among ports': ['port http', /^error "http" is no port/],
  'an address alone among domains': [
    'dstdomain 10.0.0.1',
    /^changed "10\.0\.0\.1" is left out: it is an address/,
  ],
  'dst of addresses only': ['dst -n 10.0.0.1', /^dropped Weir cannot judge it: with -n/],
  'a helper': ['external group', /^dropped Weir calls no helpers/],
  'a mistyped type': ['dstdomian .a.com', /^error Squid has no ACL type "dstdomian"; is it "dstdomain"\?/],
};

for (const [title, [line, told]] of Object.entries(UNKNOWN)) {
  t.test(`an ACL that cannot be judged allows nothing: ${title}`, async (t) => {
    const { found, rules } = await aclOf(t, line);
    t.same(rules, ['deny all']);
    t.match(toldOf(found, 1)[0], told);
    t.match(toldOf(found, 2)[0], /^changed It allows nothing, as Weir cannot judge all of it\. ACL "x": /);
  });
}

t.test('an ACL of addresses tells what Squid ignores, and does the same', async (t) => {
  const { found, acl } = await aclOf(t, 'src 10.0.0.1 10.0.0.0/8');
  t.same(acl, { src: ['10.0.0.1/32'] });
  t.match(
    toldOf(found, 1)[0],
    /^dangerous Squid 5 and 6 ignore "10\.0\.0\.0\/8" because "10\.0\.0\.1" stands before it/,
  );
});

t.test('an ACL of domains tells of reverse DNS, but for -n', async (t) => {
  const { found } = await aclOf(t, 'dstdomain .a.com');
  t.match(
    toldOf(found, 1)[0],
    /^changed For a target that is an IP address Squid looks for a name by reverse DNS/,
  );
  t.match(toldOf((await aclOf(t, 'dstdomain -n .a.com')).found, 1), ['same ACL "x"']);
});
