/** src/cache/disk-writer.ts where much is kept at a time. */
import t from 'tap';
import { fresh, writerOf } from '../../fixtures/cache-disk.ts';
import { NOW } from '../../fixtures/cache-entry.ts';

const MIB = 2 ** 20;
const URL = 'http://origin.example/';

for (const isAlone of [true, false])
  t.test(`many small answers leave room for removals (${isAlone ? 'alone' : 'with others'})`, async (t) => {
    const { writer, calls, faults, health, there } = writerOf(t, { isAlone, maxBytes: 64 * MIB });
    const gate = Promise.withResolvers<void>();
    const { open } = calls;
    calls.open = async (...args) => {
      await gate.promise;
      return await open(...args);
    };
    for (let i = 0; i < 11_000; i += 1) writer.put(fresh({ url: `${URL}${i}` }));
    t.equal(writer.drops, 11_000 - 4096);
    const purged = writer.purge(`${URL}0`);
    t.same([faults, health.offBy], [[], undefined]);
    writer.stop();
    gate.resolve();
    t.equal(await purged, 0, 'it was not there yet');
    await writer.settled();
    t.same(await there(`${URL}0`), []);
  });

t.test('what waits is not found any more when a newer answer finds no room', async (t) => {
  const { writer, there } = writerOf(t, { maxBytes: 64 * MIB });
  const kept = fresh();
  writer.put(fresh({ url: `${URL}1`, body: Buffer.alloc(15 * MIB) }));
  writer.put(kept);
  t.same(writer.pendingFor(URL), [kept]);
  writer.put(fresh({ answerMs: NOW + 1, body: Buffer.alloc(2 * MIB) }));
  t.same(writer.pendingFor(URL), []);
  await writer.settled();
  t.same(await there(), []);
});

t.test('heads count while they wait, so that answers without a body are bounded as well', async (t) => {
  const { writer } = writerOf(t, { maxBytes: 64 * MIB });
  const headers = ['X', 'x'.repeat(30_000)];
  for (let i = 0; i < 600; i += 1) writer.put(fresh({ url: `${URL}${i}`, headers, body: Buffer.alloc(0) }));
  t.ok(writer.drops > 300, `${writer.drops} of 600 are not written`);
  await writer.settled();
});
