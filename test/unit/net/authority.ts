import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { ProxyError } from '#errors.ts';
import { authorityOf, hostPort, parseAuthority, parseHostPort } from '#net/authority.ts';
import { hostOf, parseHost } from '#net/host.ts';
import { ip } from '../../fixtures/subject.ts';

const WELL_FORMED: readonly [text: string, host: string, port: number, canonical: string][] = [
  ['example.com:443', 'example.com', 443, 'example.com:443'],
  ['EXAMPLE.com.:0443', 'example.com', 443, 'example.com:443'],
  ['example.com:1', 'example.com', 1, 'example.com:1'],
  ['example.com:65535', 'example.com', 65_535, 'example.com:65535'],
  ['127.0.0.1:80', '127.0.0.1', 80, '127.0.0.1:80'],
  ['[::1]:80', '[::1]', 80, '[::1]:80'],
  ['[2001:DB8::0]:80', '[2001:db8::]', 80, '[2001:db8::]:80'],
  ['[::ffff:127.0.0.1]:80', '127.0.0.1', 80, '127.0.0.1:80'],
];

for (const [text, host, port, canonical] of WELL_FORMED) {
  t.test(`parseAuthority() reads ${text}`, async (t) => {
    t.same(parseAuthority(text), { host: parseHost(host), port, text: canonical });
    t.same(parseHostPort(text, 9), parseAuthority(text), 'and so does parseHostPort()');
  });
}

const NO_PORT = /^Cannot read authority .*: a port from 1 to 65535 must follow the host$/;
const NO_HOST = /^Cannot read host /;

const WITHOUT_PORT: Readonly<Record<string, string>> = {
  'a host alone': 'example.com',
  'an empty port': 'example.com:',
  'an address in brackets alone': '[::1]',
  'an address in brackets with an empty port': '[::1]:',
};

for (const [title, text] of Object.entries(WITHOUT_PORT)) {
  t.test(`parseAuthority() refuses ${title}, and parseHostPort() takes the default`, async (t) => {
    t.throws(() => parseAuthority(text), { reason: 'request_malformed', message: NO_PORT });
    t.equal(parseHostPort(text, 80).port, 80);
  });
}

const REFUSED: readonly [title: string, text: string, message: RegExp][] = [
  ['port 0', 'example.com:0', NO_PORT],
  ['port 65536', 'example.com:65536', NO_PORT],
  ['a port of six digits', 'example.com:000443', NO_PORT],
  ['a sign', 'example.com:+443', NO_PORT],
  ['a negative port', 'example.com:-1', NO_PORT],
  ['a fraction', 'example.com:4.3', NO_PORT],
  ['a space before the port', 'example.com: 443', NO_PORT],
  ['a space after the port', 'example.com:443 ', NO_PORT],
  ['a name as port', 'example.com:https', NO_PORT],
  ['a hexadecimal port', 'example.com:0x50', NO_PORT],
  ['full-width digits', 'example.com:４４３', NO_PORT],
  ['two ports', 'example.com:443:443', NO_PORT],
  ['a path', 'example.com:443/', NO_PORT],
  ['a URL', 'http://example.com:443', NO_PORT],
  ['IPv6 without brackets', '::1:443', NO_PORT],
  ['no host', ':443', NO_HOST],
  ['user information', 'user@example.com:443', NO_HOST],
  ['user information with a password', 'user:secret@example.com:443', NO_PORT],
  ['user information before brackets', 'user@[::1]:443', NO_HOST],
  ['brackets that do not close', '[::1:443', NO_PORT],
  ['a zone', '[fe80::1%25eth0]:443', NO_HOST],
  ['IPv4 in another form', '0x7f.1:443', NO_HOST],
];

for (const [title, text, message] of REFUSED) {
  t.test(`parseAuthority() refuses ${title}`, async (t) => {
    t.throws(() => parseAuthority(text), { reason: 'request_malformed', message });
    t.throws(() => parseHostPort(text, 80), { reason: 'request_malformed', message }, 'with a default too');
  });
}

t.test('parseHostPort() refuses text between bracket and port', async (t) => {
  t.throws(() => parseHostPort('[::1]x:443', 80), { reason: 'request_malformed', message: NO_HOST });
  t.throws(() => parseAuthority('[::1]x:443'), { reason: 'request_malformed', message: NO_PORT });
});

t.test('parseAuthority() keeps credentials out of the error', async (t) => {
  for (const text of ['user:secret@example.com:443', 'secret@example.com:443', 'secret@example.com']) {
    const error = t.throws(() => parseAuthority(text), ProxyError) as ProxyError;
    t.notMatch(error.message, /secret/);
  }
});

t.test('hostPort() puts IPv6 alone in brackets', async (t) => {
  t.equal(hostPort('::1', 443), '[::1]:443');
  t.equal(hostPort('127.0.0.1', 443), '127.0.0.1:443');
  t.equal(hostPort('example.com', 443), 'example.com:443');
});

t.test('authorityOf() puts IPv6 alone in brackets', async (t) => {
  t.equal(authorityOf(hostOf(ip('::1')), 443).text, '[::1]:443');
  t.equal(authorityOf(hostOf(ip('127.0.0.1')), 443).text, '127.0.0.1:443');
  t.equal(authorityOf(parseHost('example.com'), 443).text, 'example.com:443');
});

t.test('parseAuthority() reads back the text of every authority', async () => {
  const host = fc.oneof(
    fc.domain(),
    fc.ipV4(),
    fc.ipV6().map((text) => `[${text}]`),
  );
  fc.assert(
    fc.property(host, fc.integer({ min: 1, max: 65_535 }), (text, port) => {
      const authority = authorityOf(parseHost(text), port);
      assert.deepEqual(parseAuthority(authority.text), authority);
    }),
    { seed: 20_261_129 },
  );
});
