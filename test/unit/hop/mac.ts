import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { Mac } from '#hop/mac.ts';

const ascii = fc.string({ unit: 'grapheme-ascii', maxLength: 2000 });

t.test('sign() is HMAC-SHA-256, whatever the key and the text', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 64 }), ascii, ascii, (key, prefix, rest) => {
      const expected = createHmac('sha256', key)
        .update(prefix + rest)
        .digest('base64url');
      t.equal(new Mac(Buffer.from(key), prefix, 2000).sign(rest), expected);
    }),
    { seed: 41, numRuns: 200 },
  );
});

t.test(
  'sign() gives the test vector of RFC 4231, section 4.7 in kind: text after text, nothing is left over',
  async (t) => {
    const key = randomBytes(32);
    const mac = new Mac(key, 'p.', 100);
    for (const text of ['a'.repeat(100), 'b', '', 'a'.repeat(99)])
      t.equal(mac.sign(text), createHmac('sha256', key).update(`p.${text}`).digest('base64url'));
  },
);

t.test('isOf() takes the MAC to the letter, and no other', async (t) => {
  const mac = new Mac(randomBytes(32), 'p.', 100);
  const right = mac.sign('text');
  t.ok(mac.isOf('text', right));
  t.notOk(mac.isOf('texT', right));
  t.notOk(mac.isOf('text', new Mac(randomBytes(32), 'p.', 100).sign('text')));
  for (let at = 0; at < right.length; at += 1) {
    const other = right[at] === 'A' ? 'B' : 'A';
    t.notOk(mac.isOf('text', right.slice(0, at) + other + right.slice(at + 1)), `letter ${at}`);
  }
  t.notOk(mac.isOf('text', right.slice(0, -1)));
  t.notOk(mac.isOf('text', `${right}=`));
  t.notOk(mac.isOf('text', ''));
});

t.test(
  'isOf() refuses other characters whose last byte is that of a letter, and remembers no MAC',
  async (t) => {
    const mac = new Mac(randomBytes(32), 'p.', 100);
    const right = mac.sign('text');
    t.ok(mac.isOf('text', right));
    const twinOf = (letter: string): string => String.fromCharCode(0x100 + letter.charCodeAt(0));
    for (let at = 0; at < right.length; at += 1)
      t.notOk(
        mac.isOf('text', right.slice(0, at) + twinOf(right[at] as string) + right.slice(at + 1)),
        `${at}`,
      );
  },
);

t.test('isOf() refuses the same bytes in another spelling', async (t) => {
  const mac = new Mac(randomBytes(32), 'p.', 100);
  const right = mac.sign('text');
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  // The last letter has two bits that say nothing.
  const last = ALPHABET.indexOf(right.at(-1) as string);
  const twin = right.slice(0, -1) + ALPHABET[last ^ 1];
  t.same(Buffer.from(twin, 'base64url'), Buffer.from(right, 'base64url'));
  t.notOk(mac.isOf('text', twin));
});
