import { gzipSync } from 'node:zlib';
import t from 'tap';
import { unpacked } from '#record/unpacked.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Buffer, size: number): Promise<string> {
  return Buffer.concat(await Array.fromAsync(unpacked(inPieces(bytes, size)))).toString();
}

t.test('unpacked() gives the same bytes, packed or not, however they come in', async (t) => {
  for (const size of [1, 2, 7, 1000]) {
    t.equal(await read(Buffer.from('some text'), size), 'some text');
    t.equal(await read(gzipSync('some text'), size), 'some text');
    t.equal(await read(Buffer.from('x'), size), 'x');
    t.equal(await read(Buffer.alloc(0), size), '');
  }
});

t.test('unpacked() fails where packed bytes are damaged or cut off', async (t) => {
  await t.rejects(read(gzipSync('some text').subarray(0, 15), 4), /unexpected end of file/);
});
