import { PassThrough } from 'node:stream';
import t from 'tap';
import { takeLines } from '#record/whole-lines.ts';
import { turns } from '../../fixtures/sockets.ts';

t.test('takeLines() takes whole lines, however they were cut', async (t) => {
  const lines: string[] = [];
  const stream = new PassThrough();
  takeLines(stream, (line) => void lines.push(line));
  const bytes = Buffer.from('one\ntwö\n\nthree\nlost');
  for (const byte of bytes.subarray(0, 7)) {
    stream.write(Buffer.of(byte));
    await turns();
  }
  t.same(lines, ['one'], 'half a character is no line');
  stream.end(bytes.subarray(7));
  await turns();
  t.same(lines, ['one', 'twö', '', 'three']);
});

t.test('takeLines() bears that the stream fails', async (t) => {
  const stream = new PassThrough();
  takeLines(stream, () => t.fail('no line'));
  stream.destroy(new Error('EPIPE'));
  await turns();
  t.ok(stream.destroyed);
});
