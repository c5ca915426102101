import t from 'tap';
import { compileDomains, compileSni, parseDomainPattern } from '#match/domains.ts';
import { Tri } from '#match/tri.ts';
import { subject } from '../../fixtures/subject.ts';

const PATTERNS: readonly [text: string, reach: string, name: string, canonical: string][] = [
  ['x.com', 'itself', 'x.com', 'x.com'],
  ['.x.com', 'itself-and-below', 'x.com', '.x.com'],
  ['*.x.com', 'below', 'x.com', '*.x.com'],
  ['.COM.', 'itself-and-below', 'com', '.com'],
  ['*.BÜCHER.de', 'below', 'xn--bcher-kva.de', '*.xn--bcher-kva.de'],
];

for (const [text, reach, name, canonical] of PATTERNS) {
  t.test(`parseDomainPattern() reads ${text}`, async (t) => {
    const pattern = parseDomainPattern(text);
    t.same(pattern, { reach, name, text: canonical });
    t.ok(Object.isFrozen(pattern));
    t.same(parseDomainPattern(pattern.text), pattern);
  });
}

const FAULTS: Readonly<Record<string, string>> = {
  '': 'Domain "" names nothing, write a name such as ".example.com"',
  '.': 'Domain "." names nothing, write a name such as ".example.com"',
  '*.': 'Domain "*." names nothing, write a name such as ".example.com"',
  '*': 'Domain "*" stands for every name, use the built-in ACL "all" or leave the key out',
  '*x.com': 'Domain "*x.com" has a wildcard inside, "*." stands only in front of a whole name',
  'a.*.com': 'Domain "a.*.com" has a wildcard inside, "*." stands only in front of a whole name',
  '*.*.com': 'Domain "*.*.com" has a wildcard inside, "*." stands only in front of a whole name',
  '..x.com': 'Domain "..x.com" is no host name, write a host name without scheme, port and path',
  'x.com:443': 'Domain "x.com:443" is no host name, write a host name without scheme, port and path',
  'http://x.com/': 'Domain "http://x.com/" is no host name, write a host name without scheme, port and path',
  '127.1': 'Domain "127.1" is no host name, write a host name without scheme, port and path',
  '10.0.0.1': 'Domain "10.0.0.1" is an address, write it under "dst"',
  '.10.0.0.1': 'Domain ".10.0.0.1" is an address, write it under "dst"',
  '[::1]': 'Domain "[::1]" is an address, write it under "dst"',
};

for (const [text, message] of Object.entries(FAULTS)) {
  t.test(`parseDomainPattern() says what is wrong with "${text}"`, async (t) => {
    t.throws(() => parseDomainPattern(text), { message });
  });
}

t.test('compileDomains() holds for the hosts that an entry reaches', async (t) => {
  const texts = ['login.live.com', '.microsoft.com', '*.azure.com', '*.both.com', 'both.com'];
  const domains = compileDomains(texts.map(parseDomainPattern));
  t.equal(domains.key, 'dstDomains');
  t.ok(Object.isFrozen(domains));
  const inside = [
    'login.live.com',
    'LOGIN.live.com.',
    'microsoft.com',
    'a.b.microsoft.com',
    'x.azure.com',
    'both.com',
  ];
  for (const host of [...inside, 'x.both.com']) t.equal(domains.test(subject({ host })), Tri.True, host);
  const outside = [
    'live.com',
    'a.login.live.com',
    'notmicrosoft.com',
    'microsoft.com.evil.org',
    'azure.com',
    'com',
  ];
  for (const host of outside) t.equal(domains.test(subject({ host })), Tri.False, host);
});

t.test('compileDomains() does not apply to a host that is an address', async (t) => {
  const domains = compileDomains([parseDomainPattern('.com')]);
  t.equal(domains.test(subject({ host: '10.0.0.1' })), Tri.Unknown);
  t.equal(domains.test(subject({ host: '[::1]' })), Tri.Unknown);
});

t.test('compileSni() judges the server name of the ClientHello, where it is known', async (t) => {
  const sni = compileSni(['.microsoft.com', 'live.com'].map(parseDomainPattern));
  t.equal(sni.key, 'sni');
  t.ok(Object.isFrozen(sni));
  t.equal(sni.test(subject({ sni: 'login.microsoft.com', host: 'example.com' })), Tri.True);
  t.equal(sni.test(subject({ sni: 'a.live.com', host: 'live.com' })), Tri.False);
  t.equal(sni.test(subject({ sni: '10.0.0.1' })), Tri.Unknown);
  t.equal(sni.test(subject({ sni: 'unheard' })), Tri.Unheard);
  t.equal(
    sni.test(subject({ host: 'live.com' })),
    Tri.Unknown,
    'fails in an allow rule, holds in a deny rule',
  );
});
