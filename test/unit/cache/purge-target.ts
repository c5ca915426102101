import t from 'tap';
import { parseKeptUrl, parsePurgeTarget } from '#cache/purge-target.ts';

for (const [text, name, ...urls] of [
  ['http://Deb.Debian.org:80/a?b=c', 'http://deb.debian.org/a?b=c', 'http://deb.debian.org/a?b=c'],
  ['HTTP://deb.debian.org', 'http://deb.debian.org/', 'http://deb.debian.org/'],
] as const) {
  t.test(`${text} is one URL`, async (t) => {
    t.same(parsePurgeTarget(text), { name, kind: 'url', urls });
    t.equal(parseKeptUrl(text), name);
  });
}

for (const [text, name, ...urls] of [
  ['Example.com.', 'example.com', 'http://example.com/', 'http://example.com:'],
  ['example.com:', 'example.com', 'http://example.com/', 'http://example.com:'],
  ['example.com:8080', 'example.com:8080', 'http://example.com:8080/'],
  ['example.com:80', 'example.com:80', 'http://example.com/'],
  ['10.1.2.3', '10.1.2.3', 'http://10.1.2.3/', 'http://10.1.2.3:'],
  ['[2001:DB8::1]', '[2001:db8::1]', 'http://[2001:db8::1]/', 'http://[2001:db8::1]:'],
  ['[2001:db8::1]:81', '[2001:db8::1]:81', 'http://[2001:db8::1]:81/'],
] as const) {
  t.test(`${text} is a host`, async (t) => {
    t.same(parsePurgeTarget(text), { name, kind: 'host', urls });
  });
}

t.test('a host is no other that begins or ends like it', async (t) => {
  const { urls } = parsePurgeTarget('example.com');
  for (const other of [
    'http://example.com.evil/',
    'http://example.community/',
    'http://www.example.com/',
    'http://evil/example.com/',
    'http://xexample.com/',
  ]) {
    t.notOk(
      urls.some((url) => other.startsWith(url)),
      other,
    );
  }
});

for (const [text, why] of [
  ['https://deb.debian.org/', /only plain HTTP is kept/],
  ['deb.debian.org/dists', /no http:\/\/ URL/],
  ['//deb.debian.org/', /no http:\/\/ URL/],
  ['http://u:p@deb.debian.org/', /Cannot read/],
  ['http://deb.debian.org/#top', /has a fragment/],
  ['*.debian.org', /a character that no host name has/],
  ['.debian.org', /an empty label/],
  ['', /an empty label/],
  ['a b', /a character/],
  ['::1', /a port from 1 to 65535/],
  ['example.com:0', /a port from 1 to 65535/],
  ['user@example.com', /a character/],
] as const) {
  t.test(`"${text}" is neither`, async (t) => {
    t.throws(() => parsePurgeTarget(text), why);
  });
}
