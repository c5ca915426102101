/** What the file of a kept answer is made of, in the pieces in which it is written. */
import type { BodyOnDisk } from './body-on-disk.ts';
import { DamagedFile } from './kept-file.ts';

const MAX_JOINED_BYTES = 64 * 1024;

/** One piece where it is small, since each is a call. @throws {DamagedFile} a body that is copied is there no more */
export async function* piecesOf(head: Buffer, body: Buffer | BodyOnDisk): AsyncGenerator<Buffer> {
  if (Buffer.isBuffer(body)) {
    if (body.length <= MAX_JOINED_BYTES) yield Buffer.concat([head, body]);
    else yield* [head, body];
    return;
  }
  yield head;
  await using pieces = await body.openToCopy();
  if (pieces === undefined) throw new DamagedFile('The body is there no more');
  yield* pieces.read(0, body.length);
}
