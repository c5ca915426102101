import t from 'tap';
import { decoyHash, hashPassword, isPassword, parsePasswordHash } from '#identity/password-hash.ts';

const QUICK = { logCost: 10, blockSize: 8, parallel: 1 };

t.test('hashPassword() makes what isPassword() knows again', async (t) => {
  const text = await hashPassword('pässword', QUICK);
  t.match(text, /^\$scrypt\$ln=10,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  const hash = parsePasswordHash(text);
  t.equal(await isPassword('pässword', hash), true);
  t.equal(await isPassword('password', hash), false);
  t.equal(await isPassword('', hash), false);
  t.not(await hashPassword('pässword', QUICK), text, 'with salt');
});

t.test('hashPassword() is strong of itself', async (t) => {
  const text = await hashPassword('x');
  t.match(text, /^\$scrypt\$ln=15,r=8,p=3\$/);
  t.equal(await isPassword('x', parsePasswordHash(text)), true);
});

t.test('isPassword() agrees with scrypt as others have it', async (t) => {
  // RFC 7914 section 12, second vector, its first 32 bytes: those are what a key of 32 bytes is.
  const key = 'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162';
  const hash = { logCost: 10, blockSize: 8, parallel: 16, salt: Buffer.from('NaCl') };
  t.equal(await isPassword('password', { ...hash, hash: Buffer.from(key, 'hex') }), true);
});

t.test('isPassword() rejects where it cannot be done', async (t) => {
  await t.rejects(isPassword('x', { ...decoyHash(QUICK), logCost: 0.5 }));
});

t.test("decoyHash() is nobody's password, at the cost that is asked for", async (t) => {
  t.equal(await isPassword('', decoyHash(QUICK)), false);
  t.match(decoyHash(), { logCost: 15, parallel: 3 });
});

const SALT = 'A'.repeat(22);
const HASH = 'B'.repeat(43);

for (const text of [
  '',
  'secret',
  `$scrypt$ln=9,r=8,p=1$${SALT}$${HASH}`,
  `$scrypt$ln=18,r=8,p=1$${SALT}$${HASH}`,
  `$scrypt$ln=15,r=17,p=1$${SALT}$${HASH}`,
  `$scrypt$ln=15,r=8,p=0$${SALT}$${HASH}`,
  `$scrypt$ln=15,r=8,p=9$${SALT}$${HASH}`,
  `$scrypt$ln=15,r=8,p=1$${SALT}$${HASH}x`,
  `$scrypt$ln=15,r=8,p=1$short$${HASH}`,
  `$2b$12$${SALT}${HASH}`,
]) {
  // Attacks: secrets.
  t.test(`parsePasswordHash() refuses "${text.slice(0, 24)}", and does not repeat it`, async (t) => {
    const message = 'Password hash cannot be read, write the line that "weir passwd" prints';
    t.throws(() => parsePasswordHash(text), { message });
  });
}
