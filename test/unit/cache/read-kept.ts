import { randomBytes } from 'node:crypto';
import { truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import t, { type Test } from 'tap';
import type { BodyOnDisk } from '#cache/body-on-disk.ts';
import type { Entry } from '#cache/entry.ts';
import { type Reading, readKept } from '#cache/read-kept.ts';
import { fileOf, fresh } from '../../fixtures/cache-disk.ts';
import { folderOf } from '../../fixtures/owned.ts';

const KIB = 1024;

async function written(t: Test, kept: Entry, parts: Partial<Reading> = {}) {
  const path = `${folderOf(t)}/kept`;
  writeFileSync(path, await fileOf(kept as never));
  const read = (mayHold: boolean) =>
    readKept({
      path,
      calls: { open },
      mayHold: () => mayHold,
      takePlace: () => () => {},
      onFault: () => {},
      ...parts,
    });
  return { path, read };
}

for (const bytes of [0, 10, 16 * KIB - 400, 16 * KIB, 300 * KIB])
  t.test(`an answer of ${bytes} bytes is read whole, or without its body`, async (t) => {
    const kept = fresh({ body: randomBytes(bytes) });
    const { read } = await written(t, kept);
    t.same(await read(true), kept);
    const { body, ...head } = await read(false);
    t.same({ ...kept, body: undefined }, { ...head, body: undefined });
    t.equal(body.length, bytes);
    t.notOk(Buffer.isBuffer(body));
    await using pieces = await (body as BodyOnDisk).open('a');
    const read_: Buffer[] = [];
    for await (const piece of pieces?.read(0, bytes) ?? []) read_.push(piece);
    t.same(Buffer.concat(read_), kept.body);
  });

t.test('a head larger than most is read, too', async (t) => {
  const kept = fresh({ headers: ['X', 'x'.repeat(40 * KIB)], body: Buffer.from('abc') });
  const { read } = await written(t, kept);
  t.same(await read(true), kept);
});

t.test('a file that was cut is damaged, wherever that was', async (t) => {
  const kept = fresh({ body: randomBytes(100 * KIB) });
  const { path, read } = await written(t, kept);
  for (const length of [100 * KIB, 20 * KIB, 100, 10, 0]) {
    truncateSync(path, length);
    await t.rejects(read(true), { name: 'DamagedFile' }, `${length}`);
  }
});

t.test('what is missing is told of as the system does', async (t) => {
  const { read } = await written(t, fresh(), { path: '/nonexistent/weir' });
  await t.rejects(read(true), { code: 'ENOENT' });
});
