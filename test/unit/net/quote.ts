import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { quoteUntrusted } from '#net/quote.ts';

const CASES: readonly [title: string, text: string, quoted: string][] = [
  ['quotes plain text', 'example.com', '"example.com"'],
  ['shows a port', 'example.com:65536', '"example.com:65536"'],
  ['shows an address in brackets with its port', '[2001:db8::1]:0', '"[2001:db8::1]:0"'],
  ['shows a name in any script', 'müller.example', '"müller.example"'],
  ['escapes the control character where it stops', 'a\r\nc', '"a\\r[2 characters]"'],
  ['escapes the quote where it stops', 'a"b', '"a\\"[1 characters]"'],
  ['leaves credentials out', 'user:secret@example.com', '"[11 characters]@[11 characters]"'],
  ['leaves credentials with an @ out', 'user:se@cret@example.com', '"[7 characters]@[16 characters]"'],
  ['leaves empty credentials out', '@example.com', '"@[11 characters]"'],
  ['leaves out what is behind a port', 'example.com:443?token=T', '"example.com:[11 characters]"'],
  ['leaves out a port that is a word', 'bob:pa55word', '"bob:[8 characters]"'],
  ['leaves out a port that is too long', 'bob:12345678', '"bob:[8 characters]"'],
  ['leaves out all but the scheme of a URL', 'https://h/?token=T', '"https:[12 characters]"'],
  ['leaves out a path', 'h/secret', '"h/[6 characters]"'],
  ['leaves out an encoded @ and what is around it', 'bob%3Apa55%40h', '"bob%[10 characters]"'],
  ['leaves out a zone', '[fe80::1%eth0]', '"[fe80::1%[5 characters]"'],
  ['shows a hundred characters whole', 'x'.repeat(100), `"${'x'.repeat(100)}"`],
  ['cuts what is longer', 'x'.repeat(101), `"${'x'.repeat(100)}[1 characters]"`],
  ['quotes nothing', '', '""'],
];

for (const [title, text, quoted] of CASES) {
  t.test(`quoteUntrusted() ${title}`, async (t) => {
    t.equal(quoteUntrusted(text), quoted);
  });
}

/** Where clients have been seen to put what nobody else may read, behind and before a host of one letter. */
const POSITIONS: Readonly<Record<string, (secret: string) => string>> = {
  'user name': (secret) => `${secret}@h:443`,
  'user name with a password': (secret) => `${secret}:x@h`,
  password: (secret) => `u:${secret}@h:443`,
  'password of a URL': (secret) => `http://u:${secret}@h/`,
  'encoded password': (secret) => `u:${encodeURIComponent(secret)}%40h`,
  'password without a host': (secret) => `u:${secret}`,
  port: (secret) => `h:${secret}`,
  'port of an address': (secret) => `[::1]:${secret}`,
  'behind a port': (secret) => `h:443${secret}`,
  path: (secret) => `h/${secret}`,
  'path behind a port': (secret) => `h:443/${secret}`,
  'path of a URL': (secret) => `https://h/${secret}`,
  query: (secret) => `h?${secret}`,
  'query behind a port': (secret) => `h:443?token=${secret}`,
  'query of a URL': (secret) => `https://h/?token=${secret}`,
  fragment: (secret) => `h#${secret}`,
  'fragment behind a port': (secret) => `h:443#${secret}`,
};

/** A port alone is a port: five digits are no secret that could be told from one. */
const secrets = fc
  .oneof(fc.string({ minLength: 4, unit: 'grapheme' }), fc.string({ minLength: 4, unit: 'binary-ascii' }))
  .filter((secret) => !/^\d{1,5}$/.test(secret));

/** What is shown of the text itself. */
function shownIn(quoted: string): string {
  return JSON.parse(quoted).replaceAll(/\[\d+ characters\]/g, '');
}

for (const [position, write] of Object.entries(POSITIONS)) {
  t.test(`quoteUntrusted() shows no part of a secret in the position: ${position}`, async () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const shown = shownIn(quoteUntrusted(write(secret)));
        for (let i = 0; i + 4 <= secret.length; i += 1) {
          assert(!shown.includes(secret.slice(i, i + 4)), shown);
        }
        assert(shown.length <= 'https:'.length, shown);
      }),
      { seed: 20_261_129, numRuns: 300 },
    );
  });
}
