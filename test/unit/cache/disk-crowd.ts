/** src/cache/disk-writer.ts where much is kept at a time. */
import t from 'tap';
import { fresh, writerOf } from '../../fixtures/cache-disk.ts';

const MIB = 2 ** 20;
const URL = 'http://origin.example/';

for (const isAlone of [true, false])
  t.test(`many small answers leave room for removals (${isAlone ? 'alone' : 'with others'})`, async (t) => {
    const { writer, calls, faults, there } = writerOf(t, { isAlone, maxBytes: 64 * MIB });
    const gate = Promise.withResolvers<void>();
    const { open } = calls;
    calls.open = async (...args) => {
      await gate.promise;
      return await open(...args);
    };
    for (let i = 0; i < 11_000; i += 1) writer.put(fresh({ url: `${URL}${i}` }));
    t.equal(writer.drops, 6000);
    const purged = writer.purge(`${URL}0`);
    t.same([faults, writer.offBy], [[], undefined]);
    writer.stop();
    gate.resolve();
    t.equal(await purged, 0, 'it was not there yet');
    await writer.settled();
    t.same(await there(`${URL}0`), []);
  });
