import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { DiskDrafts, type Draft, pendingSizeOf } from '#cache/disk-drafts.ts';
import { wholeSizeOf } from '#cache/entry.ts';
import { failing, filesOf, fresh, nameOf, storedBody } from '../../fixtures/cache-disk.ts';

function stage(t: Test, maxBytes = 2 ** 20) {
  const { path, ...rest } = filesOf(t, { isAlone: true, maxBytes });
  const drafts = new DiskDrafts(rest.files);
  const begun = (): readonly string[] => readdirSync(join(path, 'unfinished'));
  const begin = (kept = fresh()) => drafts.begin(kept, () => true) as Promise<Draft>;
  return { ...rest, drafts, begin, begun };
}

t.test('a draft gets its name, and counts from then on', async (t) => {
  const { drafts, begin, begun, files } = stage(t);
  const draft = await begin();
  t.equal(draft.bytes, 4096);
  t.same([begun().length, files.index.bytes], [1, 0]);
  const name = nameOf(fresh());
  t.same(await drafts.finish(draft, name), []);
  t.same([begun(), files.index.bytes], [[], 4096]);
  t.match(await files.headIn(name), { url: fresh().url });
});

t.test('a body that is on disk is copied', async (t) => {
  const { drafts, begin, files, folder, calls } = stage(t);
  const name = nameOf(fresh());
  await drafts.finish(await begin(), name);
  const body = await storedBody(folder.pathOf(name), calls);
  await drafts.finish(await begin(fresh({ status: 404, body })), name);
  t.match(await files.headIn(name), { status: 404 });
});

t.test('what is not wanted when its turn comes is not begun, nor what has no head', async (t) => {
  const { drafts, begin } = stage(t);
  t.equal(await drafts.begin(fresh(), () => false), undefined);
  t.equal(await begin(fresh({ headers: ['X', 'x'.repeat(2 ** 21)] })), undefined);
  await t.resolves(drafts.discard(undefined));
});

t.test('where no room can be made nothing is left of a draft, and what is there counts', async (t) => {
  const { drafts, begin, begun, files, calls } = stage(t, 4096);
  const [first, second] = ['1', '2'].map((path) => fresh({ url: `http://a.example/${path}` }));
  const name = nameOf(first as ReturnType<typeof fresh>);
  await drafts.finish(await begin(first), name);
  const { unlink } = calls;
  calls.unlink = async (path) => (path.endsWith(name.rest) ? await failing('EACCES')() : await unlink(path));
  const finished = drafts.finish(await begin(second), nameOf(second as ReturnType<typeof fresh>));
  await t.rejects(finished, { code: 'EACCES' });
  t.same([begun(), files.index.has(name.url), files.index.bytes], [[], true, 4096]);
});

t.test('what is too much of its URL is told', async (t) => {
  const { drafts, begin } = stage(t);
  for (let seat = 0; seat < 32; seat += 1)
    t.same(await drafts.finish(await begin(), nameOf(fresh(), seat)), []);
  t.match(await drafts.finish(await begin(), nameOf(fresh(), 32)), [nameOf(fresh(), 0)]);
});

t.test('makeRoomFor() makes room for a body and its head before it is begun', async (t) => {
  const { drafts, begin, files } = stage(t, 128 * 1024);
  await drafts.finish(await begin(), nameOf(fresh()));
  await drafts.makeRoomFor(fresh({ body: Buffer.alloc(60 * 1024) }));
  t.equal(files.index.size, 1, 'there is room');
  await drafts.makeRoomFor(fresh({ body: Buffer.alloc(61 * 1024) }));
  t.equal(files.index.size, 0);
});

t.test('what waits counts as what it takes on disk or in memory, whichever is more', async (t) => {
  const { drafts, begin } = stage(t);
  for (const bytes of [0, 1, 4096, 100_000]) {
    const kept = fresh({ body: Buffer.alloc(bytes) });
    const counted = pendingSizeOf(kept);
    const draft = await begin(kept);
    t.ok(counted >= draft.bytes && counted <= draft.bytes + 8192, `${counted} for ${draft.bytes}`);
    t.ok(counted >= wholeSizeOf(kept));
    await drafts.discard(draft);
  }
});
