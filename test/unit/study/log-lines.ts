import { gzipSync } from 'node:zlib';
import t from 'tap';
import { linesOf } from '#study/log-lines.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Buffer, size = 65_536): Promise<string[]> {
  const lines: string[] = [];
  for await (const batch of linesOf(inPieces(bytes, size))) lines.push(...batch);
  return lines;
}

t.test('linesOf() finds the same lines however they come in', async (t) => {
  const text = 'first\n\nthïrd, with ünïcode \u{1f600}\r\nlast';
  for (let size = 1; size <= text.length + 8; size += 1) {
    t.same(await read(Buffer.from(text), size), text.split('\n'), `pieces of ${size}`);
    t.same(await read(gzipSync(text), size), text.split('\n'), `packed, pieces of ${size}`);
  }
});

t.test('linesOf() has no line behind the last end, and none in nothing', async (t) => {
  t.same(await read(Buffer.from('a\nb\n'), 1), ['a', 'b']);
  t.same(await read(Buffer.alloc(0)), []);
  t.same(await read(Buffer.from('x')), ['x']);
});

t.test('linesOf() unpacks members that were appended, as logrotate and cat make them', async (t) => {
  t.same(await read(Buffer.concat([gzipSync('a\n'), gzipSync('b\n')]), 3), ['a', 'b']);
});

t.test('linesOf() takes a chunk of nothing but empty lines', async (t) => {
  let count = 0;
  for await (const batch of linesOf(inPieces(Buffer.alloc(2 ** 20, '\n'), 2 ** 20))) count += batch.length;
  t.equal(count, 2 ** 20);
});

t.test('linesOf() keeps the beginning of a line without end, and finds the next', async (t) => {
  const lines = await read(Buffer.from(`${'x'.repeat(200_000)}\nnext\n`), 1000);
  t.same(
    lines.map(({ length }) => length),
    [65_536, 4],
  );
});

t.test('linesOf() throws where packed data is damaged, after what could be read', async (t) => {
  const noise = Array.from({ length: 20_000 }, (_, i) => `${i * 7919}`).join('\n');
  const packed = gzipSync(noise);
  const lines: string[] = [];
  const reading = async (): Promise<void> => {
    const cut = packed.subarray(0, packed.length - 2000);
    for await (const batch of linesOf(inPieces(cut, 1000))) lines.push(...batch);
  };
  await t.rejects(reading(), { message: 'unexpected end of file' });
  t.ok(lines.length > 1000);
  t.equal(lines[1], '7919');
});

t.test('linesOf() throws what its source throws, packed or not', async (t) => {
  const failing = async function* (head: Buffer): AsyncGenerator<Buffer> {
    yield head;
    throw new Error('the disk is gone');
  };
  for (const head of [Buffer.from('line\n'), gzipSync('line\n')]) {
    const reading = async (): Promise<void> => {
      for await (const _ of linesOf(failing(head)));
    };
    await t.rejects(reading(), { message: 'the disk is gone' });
  }
});
