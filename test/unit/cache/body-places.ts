import t from 'tap';
import { BodyPlaces, type GiveBack } from '#cache/body-places.ts';
import { MemoryStore } from '#cache/memory-store.ts';
import { fresh } from '../../fixtures/cache-disk.ts';

const PIECE = 256 * 1024;
const PLACES = 256;

function stage(maxBytes: number) {
  const memory = new MemoryStore(maxBytes);
  const places = new BodyPlaces({
    maxBytes,
    reserve: (bytes) => memory.reserve(bytes),
    release: (bytes) => memory.release(bytes),
  });
  return { memory, places };
}

t.test('so many are open at a time, and who is refused is counted', async (t) => {
  const { memory, places } = stage(2 ** 30);
  const backs = Array.from({ length: PLACES }, (_, i) => places.take(PIECE, `${i % 4}`) as GiveBack);
  t.equal(memory.bytes, PLACES * PIECE, 'what they hold counts as what is kept does');
  t.equal(places.take(1, 'a'), undefined);
  t.equal(places.refusals, 1);
  backs[7]?.();
  backs[7]?.();
  t.equal(memory.bytes, (PLACES - 1) * PIECE, 'once, however often it is given back');
  const last = places.take(1, 'a');
  t.ok(last, 'whoever ends makes room');
  t.equal(places.take(1, 'b'), undefined);
});

t.test('they hold no more than half of the memory, and what is kept makes way for them', async (t) => {
  const { memory, places } = stage(4 * PIECE);
  memory.put(fresh());
  const kept = memory.bytes;
  const first = places.take(PIECE, 'a');
  places.take(PIECE, 'b');
  t.equal(places.take(1, 'c'), undefined);
  t.equal(memory.bytes, kept + 2 * PIECE, 'who is refused holds nothing');
  first?.();
  memory.reserve(3 * PIECE - kept);
  t.equal(memory.size, 1);
  t.equal(places.take(PIECE, 'c'), undefined, 'nor more than others leave');
  t.equal(memory.size, 1, 'for whom nothing makes way');
  t.ok(places.take(kept, 'c'));
  t.equal(memory.size, 0);
});

t.test('one client has a quarter of them, and one at least', async (t) => {
  const many = stage(2 ** 30).places;
  const backs = Array.from({ length: PLACES / 4 }, () => many.take(PIECE, 'a'));
  t.ok(backs.every((back) => back !== undefined));
  t.equal(many.take(1, 'a'), undefined);
  t.ok(many.take(PIECE, 'b'));
  for (const back of backs) back?.();
  t.ok(many.take(PIECE, 'a'), 'again when they are back');

  const { places } = stage(16 * PIECE);
  for (const isThere of [true, true, false]) t.equal(places.take(PIECE, 'a') !== undefined, isThere);
  const little = stage(4 * PIECE).places;
  t.ok(little.take(PIECE, 'a'));
  t.equal(little.take(1, 'a'), undefined);
  t.ok(little.take(PIECE, 'b'));
});
