import t from 'tap';
import { ByteReader } from '#net/byte-reader.ts';

t.test('ByteReader reads numbers and vectors in turn, and knows what is left', async (t) => {
  const reader = new ByteReader(Buffer.from([7, 1, 2, 2, 8, 9, 0, 1, 5, 6, 6]));
  t.equal(reader.uint8(), 7);
  t.equal(reader.uint16(), 0x0102);
  t.same([...reader.vector8()], [8, 9]);
  t.same([...reader.vector16()], [5]);
  t.equal(reader.left, 2);
  t.same([...reader.bytes(2)], [6, 6]);
  t.same([...reader.bytes(0)], []);
  reader.end();
});

t.test('ByteReader never reads beyond the end', async (t) => {
  const beyond: Readonly<Record<string, (reader: ByteReader) => void>> = {
    'a byte': (reader) => reader.uint8(),
    'two bytes, of which one is there': (reader) => {
      reader.bytes(0);
      reader.uint16();
    },
    'a vector': (reader) => reader.vector8(),
    'a long vector': (reader) => reader.vector16(),
    bytes: (reader) => reader.bytes(3),
  };
  const inputs: readonly number[][] = [[], [1], [1], [0, 1], [1, 2]];
  for (const [index, [what, read]] of Object.entries(beyond).entries()) {
    // Of a larger buffer, whose next bytes are not its own.
    const all = Buffer.from([...(inputs[index] as number[]), 3, 3, 3, 3]);
    const own = all.subarray(0, inputs[index]?.length);
    t.throws(() => read(new ByteReader(own)), { message: 'a length in it leads beyond its end' }, what);
  }
});

t.test('end() refuses what is left', async (t) => {
  const reader = new ByteReader(Buffer.from([1]));
  t.throws(() => reader.end(), { message: 'something follows where it should end' });
});
