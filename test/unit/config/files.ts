import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import t from 'tap';
import { decodeText, digestOf, readBounded } from '#config/files.ts';

const MAX_BYTES = 16 * 1024 * 1024;

t.test('readBounded() gives the bytes of a file', async (t) => {
  const directory = t.testdir({ a: 'content', empty: '' });
  t.same(await readBounded(join(directory, 'a')), Buffer.from('content'));
  t.same(await readBounded(join(directory, 'empty')), Buffer.alloc(0));
});

t.test('readBounded() takes what is just small enough, and refuses a byte more', async (t) => {
  const directory = t.testdir();
  const file = join(directory, 'large');
  writeFileSync(file, Buffer.alloc(MAX_BYTES));
  t.equal((await readBounded(file)).length, MAX_BYTES);
  writeFileSync(file, Buffer.alloc(MAX_BYTES + 1));
  await t.rejects(readBounded(file), { message: `Cannot read "${file}": larger than 16 MiB` });
});

// Attacks: bounded.
t.test('readBounded() never reads on without end', async (t) => {
  await t.rejects(readBounded('/dev/zero'), { message: 'Cannot read "/dev/zero": larger than 16 MiB' });
});

t.test('readBounded() says in words why a file cannot be read', async (t) => {
  const directory = t.testdir();
  const missing = join(directory, 'missing');
  const loop = join(directory, 'loop');
  symlinkSync(loop, loop);
  await t.rejects(readBounded(missing), { message: `Cannot read "${missing}": no such file` });
  await t.rejects(readBounded(directory), { message: `Cannot read "${directory}": it is a directory` });
  await t.rejects(readBounded(loop), { message: `Cannot read "${loop}": ELOOP` });
});

t.test('readBounded() takes a stream as well, and no more of it than of a file', async (t) => {
  const pieces = ['con', 'tent'].map((text) => Buffer.from(text));
  t.same(await readBounded('stream', Readable.from(pieces)), Buffer.from('content'));
  const large = Readable.from(Array.from({ length: 18 }, () => Buffer.alloc(1024 * 1024)));
  await t.rejects(readBounded('stream', large), { message: 'Cannot read "stream": larger than 16 MiB' });
});

t.test('decodeText() reads UTF-8 without byte order mark, and nothing else', async (t) => {
  t.equal(decodeText('x', Buffer.from('\ufeffä')), 'ä');
  t.throws(() => decodeText('x', Buffer.of(0xe4)), { message: 'Cannot read "x": not UTF-8 text' });
});

t.test('digestOf() is SHA-256 in hexadecimal', async (t) => {
  const ofAbc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  t.equal(digestOf('abc'), ofAbc);
  t.equal(digestOf(Buffer.from('abc')), ofAbc);
});
