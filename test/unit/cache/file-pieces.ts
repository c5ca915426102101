import t from 'tap';
import type { BodyOnDisk } from '#cache/body-on-disk.ts';
import { piecesOf } from '#cache/file-pieces.ts';
import { DamagedFile } from '#cache/kept-file.ts';

const HEAD = Buffer.from('head');

t.test('what is small is one piece', async (t) => {
  t.same(await Array.fromAsync(piecesOf(HEAD, Buffer.from(' body'))), [Buffer.from('head body')]);
  const large = Buffer.alloc(64 * 1024 + 1);
  t.same(await Array.fromAsync(piecesOf(HEAD, large)), [HEAD, large]);
});

t.test('a body on disk is copied, and closed; one that is gone is told', async (t) => {
  let isClosed = false;
  const read = async function* (from: number, end: number) {
    yield Buffer.from('body').subarray(from, end);
  };
  const pieces = {
    read,
    [Symbol.asyncDispose]: async () => {
      isClosed = true;
    },
  };
  const body: BodyOnDisk = {
    length: 4,
    checksums: Buffer.alloc(4),
    open: async () => undefined,
    openToCopy: async () => pieces,
  };
  t.same(await Array.fromAsync(piecesOf(HEAD, body)), [HEAD, Buffer.from('body')]);
  t.ok(isClosed);
  const gone = { ...body, openToCopy: async () => undefined };
  await t.rejects(Array.fromAsync(piecesOf(HEAD, gone)), DamagedFile);
});
