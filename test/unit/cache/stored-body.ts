import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import t, { type Test } from 'tap';
import type { BodyOnDisk } from '#cache/body-on-disk.ts';
import type { DiskCalls } from '#cache/disk-calls.ts';
import { BLOCK_BYTES } from '#cache/kept-file.ts';
import { readKept } from '#cache/read-kept.ts';
import { fileOf, fresh } from '../../fixtures/cache-disk.ts';
import { folderOf } from '../../fixtures/owned.ts';

const BODY = randomBytes(9 * BLOCK_BYTES + 5);

async function stage(t: Test) {
  const path = `${folderOf(t)}/kept`;
  const file = await fileOf(fresh({ body: BODY }) as never);
  writeFileSync(path, file);
  const faults: unknown[] = [];
  const places = { free: 9, given: 0, bytes: 0, client: '' };
  const onFault = (error: unknown): void => void faults.push(error);
  const takePlace = (bytes: number, client: string): (() => void) | undefined => {
    if (places.free === 0) return undefined;
    places.free -= 1;
    places.bytes = bytes;
    places.client = client;
    return () => {
      places.free += 1;
      places.given += 1;
    };
  };
  const calls: Pick<DiskCalls, 'open'> = { open };
  const { body } = await readKept({ path, calls, mayHold: () => false, takePlace, onFault });
  return { path, file, calls, faults, places, body: body as BodyOnDisk };
}

async function read(body: BodyOnDisk, from: number, end: number): Promise<Buffer> {
  await using pieces = await body.open('a');
  if (pieces === undefined) throw new Error('It is not there');
  const all: Buffer[] = [];
  for await (const piece of pieces.read(from, end)) all.push(piece);
  return Buffer.concat(all);
}

t.test('any part is read, whichever blocks it is in', async (t) => {
  const { body } = await stage(t);
  t.equal(body.length, BODY.length);
  t.equal(body.checksums.length, 40);
  for (const [from, end] of [
    [0, BODY.length],
    [0, 1],
    [BLOCK_BYTES - 1, BLOCK_BYTES + 1],
    [4 * BLOCK_BYTES, 5 * BLOCK_BYTES],
    [3 * BLOCK_BYTES + 7, 9 * BLOCK_BYTES + 3],
    [BODY.length - 1, BODY.length],
    [5, 5],
  ] as const)
    t.ok((await read(body, from, end)).equals(BODY.subarray(from, end)), `${from} to ${end}`);
});

t.test('what was changed after it was opened is never given', async (t) => {
  const { path, file, faults, body } = await stage(t);
  await using pieces = await body.open('a');
  file.writeUInt8(file.readUInt8(file.length - 1) ^ 1, file.length - 1);
  writeFileSync(path, file);
  const given: Buffer[] = [];
  const reading = async (): Promise<void> => {
    for await (const piece of pieces?.read(0, BODY.length) ?? []) given.push(piece);
  };
  await t.rejects(reading(), { name: 'DamagedFile' });
  t.ok(Buffer.concat(given).equals(BODY.subarray(0, 8 * BLOCK_BYTES)), 'what was good before that is');
  t.match(faults, [{ name: 'DamagedFile' }]);
});

t.test('what was cut is damaged', async (t) => {
  const { path, file, body } = await stage(t);
  truncateSync(path, file.length - 1);
  await t.rejects(read(body, 0, BODY.length), { name: 'DamagedFile' });
  truncateSync(path, 10);
  t.equal(await body.open('a'), undefined);
  t.equal(await body.open('a'), undefined);
});

t.test('what is gone, or has become another, is not there', async (t) => {
  const { path, places, body } = await stage(t);
  const other = `${path}2`;
  writeFileSync(other, await fileOf(fresh({ body: BODY, phrase: 'Fine' }) as never));
  renameSync(other, path);
  t.equal(await body.open('a'), undefined);
  rmSync(path);
  t.equal(await body.open('a'), undefined);
  t.same([places.free, places.given], [9, 2], 'and holds no place');
});

t.test(
  'a client has a place for as long as its file is open, and where there is none it gets nothing',
  async (t) => {
    const { places, body } = await stage(t);
    places.free = 1;
    const pieces = await body.open('a');
    t.same(
      [places.bytes, places.client],
      [4 * BLOCK_BYTES + 40, 'a'],
      'for a piece, and the checksums of all',
    );
    t.equal(await body.open('a'), undefined);
    {
      await using copied = await body.openToCopy();
      t.ok(copied, 'a copy takes none');
    }
    t.equal(places.given, 0);
    await pieces?.[Symbol.asyncDispose]();
    t.equal(places.given, 1);
    await using again = await body.open('a');
    t.ok(again);
  },
);

t.test('a file that cannot be closed holds no place', async (t) => {
  const { path, calls, faults, places, body } = await stage(t);
  calls.open = async (name) => {
    const file = await open(name);
    return {
      read: (...args) => file.read(...args),
      write: (...args) => file.write(...args),
      close: async () => {
        await file.close();
        throw new Error('EIO');
      },
    };
  };
  const pieces = await body.open('a');
  t.equal(places.free, 8);
  await t.rejects(Promise.resolve(pieces?.[Symbol.asyncDispose]()), { message: 'EIO' });
  t.equal(places.free, 9);
  truncateSync(path, 10);
  t.equal(await body.open('a'), undefined, 'nor is it one that is there');
  t.match([places.free, faults], [9, [{ message: 'EIO' }]]);
});
