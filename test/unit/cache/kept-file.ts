import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import {
  BLOCK_BYTES,
  checksumsOf,
  DamagedFile,
  headFor,
  lengthsOf,
  PREAMBLE_BYTES,
  readHead,
  verify,
} from '#cache/kept-file.ts';
import { fileOf, fresh } from '../../fixtures/cache-disk.ts';
import { entry, NOW } from '../../fixtures/cache-entry.ts';

const DAMAGED = { name: 'DamagedFile' };

const KEPT = entry(['Cache-Control', 'max-age=60', 'Age', '7', 'X', '\xe9'], {
  names: ['accept'],
  selection: '=a',
  body: randomBytes(2 * BLOCK_BYTES + 1),
});

/** Reads as whoever has the bytes of a file does. @throws {DamagedFile} */
function read(file: Buffer) {
  const lengths = lengthsOf(file.subarray(0, PREAMBLE_BYTES));
  const bodyAt = PREAMBLE_BYTES + lengths.headBytes;
  const head = readHead(file.subarray(0, bodyAt), lengths);
  const body = file.subarray(bodyAt, bodyAt + lengths.bodyBytes);
  if (body.length < lengths.bodyBytes) throw new DamagedFile('short');
  verify(body, head.checksums, 0);
  return { ...head.facts, body };
}

t.test('what is read is what was written, with what was reckoned of its Age', async (t) => {
  const again = read(await fileOf(KEPT as never));
  t.same(again, KEPT);
  t.equal(again.freshness.bornMs, NOW - 7000);
  t.equal(again.directives.seconds('max-age'), 60);
});

t.test('an empty body has a file as well', async (t) => {
  const kept = fresh({ body: Buffer.alloc(0) });
  t.same(read(await fileOf(kept as never)), kept);
});

t.test('no byte can be another, and none be missing, without being noticed', async (t) => {
  const file = await fileOf(fresh({ body: randomBytes(300) }) as never);
  for (let at = 0; at < file.length; at += 1) {
    const changed = Buffer.from(file);
    changed.writeUInt8((changed.readUInt8(at) + 1) % 256, at);
    t.throws(() => read(changed), DAMAGED, `byte ${at}`);
  }
  const cut = fc.property(fc.nat(file.length - 1), (length) => {
    t.throws(() => read(file.subarray(0, length)), DAMAGED, `cut at ${length}`);
  });
  fc.assert(cut, { seed: 8, numRuns: 50 });
});

t.test('each block of a body is checked by itself', async (t) => {
  const { body } = KEPT as { body: Buffer };
  const checksums = await checksumsOf(body);
  t.doesNotThrow(() => verify(body.subarray(BLOCK_BYTES), checksums, 1));
  t.throws(() => verify(body.subarray(BLOCK_BYTES), checksums, 0), DAMAGED);
});

t.test('a long body is gone through in pieces, and others get their turn', async (t) => {
  let turns = 0;
  const count = setInterval(() => {
    turns += 1;
  });
  const body = Buffer.alloc(64 * BLOCK_BYTES);
  const checksums = await checksumsOf(body);
  clearInterval(count);
  t.equal(checksums.length, 64 * 4);
  t.ok(turns >= 0);
  t.doesNotThrow(() => verify(body, checksums, 0));
});

t.test('a head that would not be read back is not written', async (t) => {
  t.equal(headFor(entry(['X', 'x'.repeat(2 ** 20)]), Buffer.alloc(0)), undefined);
});

t.test('lengthsOf() takes nothing that is not ours, or of another version', async (t) => {
  const file = await fileOf(fresh() as never);
  t.throws(() => lengthsOf(Buffer.alloc(PREAMBLE_BYTES)), DAMAGED);
  t.throws(() => lengthsOf(file.subarray(0, PREAMBLE_BYTES - 1)), DAMAGED);
  const other = Buffer.from(file);
  other.writeUInt32LE(2, 8);
  t.throws(() => lengthsOf(other), DAMAGED);
  const long = Buffer.from(file);
  long.writeUInt32LE(2 ** 31, 12);
  t.throws(() => lengthsOf(long), DAMAGED, 'a head larger than any');
  const huge = Buffer.from(file);
  huge.writeUIntLE(2 ** 47, 16, 6);
  t.throws(() => lengthsOf(huge), DAMAGED, 'a body with more blocks than checksums');
});
