import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { ProxyError } from '#errors.ts';
import { type Host, hostOf, parseHost } from '#net/host.ts';
import { ip } from '../../fixtures/subject.ts';

const LABEL_63 = 'a'.repeat(63);
const NAME_253 = `${LABEL_63}.${LABEL_63}.${LABEL_63}.${'a'.repeat(61)}`;

const NAMES: readonly [title: string, text: string, canonical: string][] = [
  ['a plain name', 'login.microsoft.com', 'login.microsoft.com'],
  ['a single label', 'localhost', 'localhost'],
  ['upper case', 'LOGIN.Microsoft.COM', 'login.microsoft.com'],
  ['one trailing dot', 'example.com.', 'example.com'],
  ['an underscore', '_dmarc.ex_ample.com', '_dmarc.ex_ample.com'],
  ['hyphens inside a label', 'r3---sn-x.googlevideo.com', 'r3---sn-x.googlevideo.com'],
  ['hyphens around a label', '-a-.example.com', '-a-.example.com'],
  ['digits', '0.1.2.3.4.com', '0.1.2.3.4.com'],
  ['a last label that only begins like a number', 'a.0xg', 'a.0xg'],
  ['a last label that ends like a number', 'a.b1', 'a.b1'],
  ['a label of 63 characters', `${LABEL_63}.com`, `${LABEL_63}.com`],
  ['a name of 253 characters', NAME_253, NAME_253],
  ['a name of 253 characters and a trailing dot', `${NAME_253}.`, NAME_253],
  ['another script', 'bücher.de', 'xn--bcher-kva.de'],
  ['another script in upper case', 'BÜCHER.de', 'xn--bcher-kva.de'],
  ['a deviation character, as non-transitional processing has it', 'faß.de', 'xn--fa-hia.de'],
  ['an A-label', 'XN--BCHER-KVA.de', 'xn--bcher-kva.de'],
  ['full-width letters', 'ｅｘａｍｐｌｅ.com', 'example.com'],
  ['an ideographic full stop', 'example。com', 'example.com'],
  ['an ideographic full stop at the end', 'example.com。', 'example.com'],
  ['soft hyphens, however many', `exam${'\u00ad'.repeat(300)}ple.com`, 'example.com'],
  ['a soft hyphen, which vanishes', 'exam\u00adple.com', 'example.com'],
];

for (const [title, text, canonical] of NAMES) {
  t.test(`parseHost() reads ${title}`, async (t) => {
    t.same(parseHost(text), { kind: 'name', text: canonical, address: undefined });
  });
}

const ADDRESSES: readonly [title: string, text: string, canonical: string][] = [
  ['a dotted quad', '127.0.0.1', '127.0.0.1'],
  ['IPv6 in brackets', '[::1]', '::1'],
  ['IPv6 in any form', '[2001:DB8:0:0:0:0:0:1]', '2001:db8::1'],
  ['an IPv4-mapped address', '[::ffff:127.0.0.1]', '127.0.0.1'],
];

for (const [title, text, canonical] of ADDRESSES) {
  t.test(`parseHost() reads ${title}`, async (t) => {
    t.same(parseHost(text), { kind: 'ip', text: canonical, address: ip(canonical) });
    t.same(parseHost(text), hostOf(ip(canonical)));
  });
}

const BAD_CHARACTER = 'it has a character that no host name has';
const EMPTY_LABEL = 'it has an empty label';
const TOO_LONG = 'a label has more than 63 characters, or the name more than 253';
const NO_QUAD = 'an IPv4 address is written as four decimal numbers';
const NO_IPV6 = 'there is no IPv6 address between the brackets';
const NO_IDN = 'it is no valid internationalised name';

const REFUSED: readonly [title: string, text: string, fault: string][] = [
  ['the empty text', '', EMPTY_LABEL],
  ['a dot', '.', EMPTY_LABEL],
  ['a leading dot', '.example.com', EMPTY_LABEL],
  ['two dots', 'example..com', EMPTY_LABEL],
  ['two trailing dots', 'example.com..', EMPTY_LABEL],
  ['two trailing dots of different scripts', 'example.com.。', EMPTY_LABEL],
  ['a label of 64 characters', `${LABEL_63}a.com`, TOO_LONG],
  ['a last label of 64 characters', `com.${LABEL_63}a`, TOO_LONG],
  ['a label of 64 characters before another script', `${LABEL_63}a.é`, TOO_LONG],
  ['a name of 254 characters', `${NAME_253}a`, TOO_LONG],
  ['a name that is too long as A-labels', `${'é'.repeat(63)}.com`, TOO_LONG],
  ['a space', 'exam ple.com', BAD_CHARACTER],
  ['a tab, which the URL standard drops', 'exam\tple.com', BAD_CHARACTER],
  ['a line break', 'example.com\r\n', BAD_CHARACTER],
  ['a null character', 'example.com\0', BAD_CHARACTER],
  ['the delete character', 'example.com\x7f', BAD_CHARACTER],
  ['a percent escape', 'example%2ecom', BAD_CHARACTER],
  ['a percent escape in another script', 'é%2ecom', BAD_CHARACTER],
  ['a slash after another script', 'é.com/path', BAD_CHARACTER],
  ['user information', 'user@example.com', BAD_CHARACTER],
  ['a port', 'example.com:80', BAD_CHARACTER],
  ['a wildcard', '*.example.com', BAD_CHARACTER],
  ['a brace, just after the letters', 'a{b.com', BAD_CHARACTER],
  ['a full-width slash', 'example.com／path', NO_IDN],
  ['a full-width percent sign', 'example％2ecom', NO_IDN],
  ['a symbol that maps to parentheses', '\u3200.com', NO_IDN],
  ['a lone surrogate', 'a\ud800.com', NO_IDN],
  ['a joiner out of place', '\u200d.com', NO_IDN],
  ['a broken A-label beside another script', 'xn--a-é.com', NO_IDN],
  ['hexadecimal IPv4', '0x7f.1', NO_QUAD],
  ['hexadecimal IPv4 in upper case', '0X7F000001', NO_QUAD],
  ['octal IPv4', '017700000001', NO_QUAD],
  ['IPv4 as one number', '2130706433', NO_QUAD],
  ['IPv4 of two parts', '127.1', NO_QUAD],
  ['a leading zero', '127.0.0.01', NO_QUAD],
  ['a dotted quad with a trailing dot', '127.0.0.1.', NO_QUAD],
  ['a part above 255', '256.0.0.1', NO_QUAD],
  ['five parts', '1.2.3.4.5', NO_QUAD],
  ['a number as last label', 'example.1', NO_QUAD],
  ['no digits after 0x', 'example.0x', NO_QUAD],
  ['full-width digits', '１２７.0.0.1', NO_QUAD],
  ['an ideographic full stop in a dotted quad', '127。0.0.1', NO_QUAD],
  ['IPv6 without brackets', '::1', BAD_CHARACTER],
  ['nothing in brackets', '[]', NO_IPV6],
  ['an open bracket', '[::1', NO_IPV6],
  ['a bracket alone', '[', NO_IPV6],
  ['text after the bracket', '[::1]a', NO_IPV6],
  ['IPv4 in brackets', '[127.0.0.1]', NO_IPV6],
  ['a name in brackets', '[localhost]', NO_IPV6],
  ['a zone', '[fe80::1%eth0]', NO_IPV6],
  ['an escaped zone', '[fe80::1%25eth0]', NO_IPV6],
  ['two pairs of brackets', '[[::1]]', NO_IPV6],
  ['a future address', '[v1.a:b]', NO_IPV6],
];

for (const [title, text, fault] of REFUSED) {
  t.test(`parseHost() refuses ${title}`, async (t) => {
    const error = t.throws(() => parseHost(text), ProxyError) as ProxyError;
    t.equal(error.reason, 'request_malformed');
    t.ok(
      error.message.startsWith('Cannot read host "') && error.message.endsWith(`": ${fault}`),
      error.message,
    );
  });
}

/** What the parser makes of the text, or undefined where it refuses. */
function read(text: string): Host | undefined {
  try {
    return parseHost(text);
  } catch {
    return undefined;
  }
}

const piece = fc.constantFrom(
  ...[
    'a',
    'b',
    '0',
    '1',
    '9',
    '08',
    '0x',
    'f',
    '.',
    '..',
    '-',
    '_',
    'xn--',
    'A',
    'ß',
    'é',
    '。',
    '１',
    '%',
    '[',
    ']',
  ],
  ...[
    ':',
    '@',
    '/',
    '\\',
    '?',
    '#',
    '\u00ad',
    '\u200d',
    '127',
    '0.0.1',
    '::1',
    '★',
    'ا',
    '256',
    'bcher-kva',
    ' ',
  ],
);
const anyHost = fc.oneof(
  fc.domain(),
  fc.ipV4Extended(),
  fc.ipV6().map((text) => `[${text}]`),
  fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
);

t.test('parseHost() is idempotent', async () => {
  fc.assert(
    fc.property(anyHost, (text) => {
      const host = read(text);
      if (host === undefined) return;
      assert.deepEqual(parseHost(host.address?.family === 6 ? `[${host.text}]` : host.text), host);
    }),
    { seed: 20_261_129, numRuns: 5000 },
  );
});

t.test('parseHost() agrees with the URL standard on every host that it accepts', async () => {
  fc.assert(
    fc.property(anyHost, (text) => {
      const host = read(text);
      if (host === undefined) return;
      const { hostname } = new URL(`http://${host.address?.family === 6 ? `[${host.text}]` : host.text}/`);
      assert.equal(hostname, host.address?.family === 6 ? `[${host.text}]` : host.text);
      assert.equal(/^[\d.]+$|^\[/.test(hostname), host.kind === 'ip', 'an address for the URL is one here');
    }),
    { seed: 20_261_129, numRuns: 5000 },
  );
});

t.test('parseHost() never takes for a name what the URL standard takes for an address', async () => {
  fc.assert(
    fc.property(fc.ipV4Extended(), (text) => {
      assert.notEqual(read(text)?.kind, 'name');
    }),
    { seed: 20_261_129 },
  );
});
