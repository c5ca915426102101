import { randomBytes } from 'node:crypto';
import t from 'tap';
import { parseHopKey } from '#hop/hop-key.ts';
import { secretOf } from '../../fixtures/assertions.ts';

t.test('parseHopKey() reads what "openssl rand -base64" prints', async (t) => {
  for (const bytes of [32, 33, 48, 64]) {
    const secret = randomBytes(bytes).toString('base64');
    const key = parseHopKey(secret);
    t.equal(key.secret, secret);
    t.match(key.kid, /^[A-Za-z0-9_-]{11}$/);
  }
});

t.test('parseHopKey() names a key by what it is', async (t) => {
  t.equal(parseHopKey(secretOf(1)).kid, parseHopKey(secretOf(1)).kid);
  t.not(parseHopKey(secretOf(1)).kid, parseHopKey(secretOf(2)).kid);
});

const BAD: Readonly<Record<string, readonly [line: string, message: RegExp]>> = {
  'a password': ['correct horse battery staple', /^The line is no Base64, write one key/],
  'Base64 for URLs': [Buffer.alloc(32, 0xfb).toString('base64url'), /no Base64/],
  'Base64 without its padding': [secretOf(1).replace(/=+$/, ''), /no Base64/],
  'hexadecimal of odd length': ['abc', /no Base64/],
  'too short': [secretOf(1, 31), /^The key has 31 bytes, write at least 32/],
  'one byte': ['QQ==', /^The key has 1 bytes/],
  'too long': [secretOf(1, 65), /^The key has 65 bytes, write at most 64/],
  'no key at all': [Buffer.alloc(32).toString('base64'), /^The key is one byte again and again/],
};

for (const [what, [line, message]] of Object.entries(BAD)) {
  t.test(`parseHopKey() refuses ${what}, and keeps it to itself`, async (t) => {
    t.throws(() => parseHopKey(line), { message });
    try {
      parseHopKey(line);
    } catch (error) {
      t.notOk((error as Error).message.includes(line), 'the line is in no message');
    }
  });
}
