import t from 'tap';
import { GrowingBody } from '#cache/growing-body.ts';

const KIB = 1024;

function body({
  length,
  room = 1024 * KIB,
  maxBytes = 1024 * KIB,
  isKept = true,
}: {
  length?: number;
  room?: number;
  maxBytes?: number;
  isKept?: boolean;
}) {
  const asked: number[] = [];
  let left = room;
  let drains = 0;
  const grown = new GrowingBody(
    {
      length,
      maxBytes,
      makeRoom: (bytes) => {
        asked.push(bytes);
        left -= bytes;
        return left >= 0;
      },
      onDrain: () => {
        drains += 1;
      },
    },
    isKept,
  );
  return { body: grown, asked, drains: () => drains };
}

const bytes = (count: number, fill = 'x') => Buffer.alloc(count, fill);

t.test('readers get what has come, each at its own pace', async (t) => {
  const { body: growing } = body({});
  const first = growing.reader();
  t.equal(first.read(), undefined);
  growing.push(Buffer.from('ab'));
  t.equal(String(first.read()), 'ab');
  t.equal(first.read(), undefined);
  growing.push(Buffer.from('cd'));
  const second = growing.reader();
  t.equal(String(second.read()), 'abcd');
  t.equal(String(first.read()), 'cd');
  t.equal(growing.readers, 2);
  first.close();
  t.equal(growing.readers, 1);
  t.equal(growing.length, 4);
});

t.test('what is pushed may be used again', async (t) => {
  for (const isKept of [true, false]) {
    const { body: growing } = body({ isKept });
    const reader = growing.reader();
    const chunk = Buffer.from('ab');
    growing.push(chunk);
    chunk.fill('z');
    t.equal(String(reader.read()), 'ab');
  }
});

t.test('more() resolves with what comes, the end, or a fault', async (t) => {
  const { body: growing } = body({});
  const pushed = growing.more();
  growing.push(Buffer.from('a'));
  await pushed;
  const ended = growing.more();
  growing.end();
  await ended;
  t.equal(growing.isEnded, true);
  const fault = new Error('broken');
  const failed = growing.more();
  growing.fail(fault);
  await failed;
  t.equal(growing.fault, fault);
});

t.test('a body of known length is kept in one piece of it', async (t) => {
  const { body: growing, asked } = body({ length: 4 });
  growing.push(Buffer.from('ab'));
  growing.push(Buffer.from('cd'));
  t.same(asked, [4]);
  t.equal(String(growing.whole()), 'abcd');
  t.equal(growing.whole().buffer.byteLength, 4);
});

t.test('a body of unknown length grows, and is cut to size', async (t) => {
  const { body: growing, asked } = body({});
  growing.push(bytes(10 * KIB, 'a'));
  growing.push(bytes(10 * KIB, 'b'));
  growing.push(bytes(30 * KIB, 'c'));
  t.same(asked, [16 * KIB, 16 * KIB, 32 * KIB], 'twice as much, or as much as there is');
  const whole = growing.whole();
  t.equal(whole.buffer.byteLength, 50 * KIB);
  t.equal(String(whole), 'a'.repeat(10 * KIB) + 'b'.repeat(10 * KIB) + 'c'.repeat(30 * KIB));
});

t.test('a body of unknown length that may be kept is, however its pieces fall', async (t) => {
  const { body: growing, asked } = body({ room: 20 * KIB, maxBytes: 20 * KIB });
  growing.push(bytes(12 * KIB));
  growing.push(bytes(8 * KIB));
  t.same(asked, [16 * KIB, 4 * KIB], 'no more than may be kept');
  t.equal(growing.isKept, true);
});

t.test('where there is no room it passes, and loses nothing that somebody has yet to read', async (t) => {
  const { body: growing } = body({ room: 16 * KIB });
  const reader = growing.reader();
  growing.push(bytes(10 * KIB, 'a'));
  t.equal(growing.isReadable, true);
  growing.push(bytes(10 * KIB, 'b'));
  t.equal(growing.isKept, false);
  t.equal(growing.isReadable, false, 'nobody can join any more');
  growing.push(bytes(10 * KIB, 'c'));
  t.equal(String(reader.read()), 'a'.repeat(10 * KIB));
  t.equal(String(reader.read()), 'b'.repeat(10 * KIB));
  t.equal(String(reader.read()), 'c'.repeat(10 * KIB));
  t.equal(reader.read(), undefined);
});

t.test('a body that is too long by its head is never kept', async (t) => {
  const { body: growing } = body({ length: 20 * KIB, room: 16 * KIB });
  t.equal(growing.isKept, false);
  t.equal(growing.isReadable, true, 'as long as nothing has come');
});

t.test('what passes waits for the slowest reader', async (t) => {
  const { body: growing, drains } = body({ isKept: false });
  const [slow, fast] = [growing.reader(), growing.reader()];
  t.equal(growing.push(bytes(200 * KIB)), true);
  t.equal(growing.push(bytes(100 * KIB)), false);
  while (fast.read() !== undefined);
  t.equal(growing.isFull, true);
  t.equal(drains(), 0);
  slow.read();
  t.equal(growing.isFull, false);
  t.equal(drains(), 1);
  growing.push(bytes(200 * KIB));
  t.equal(growing.isFull, true);
  slow.close();
  t.equal(growing.isFull, false, 'who left reads no more');
});

t.test('what is kept waits for nobody', async (t) => {
  const { body: growing } = body({ room: 10_000 * KIB });
  growing.reader();
  t.equal(growing.push(bytes(1000 * KIB)), true);
});
