import t from 'tap';
import { BodyPlaces, type GiveBack } from '#cache/body-places.ts';
import { MemoryStore } from '#cache/memory-store.ts';
import { fresh } from '../../fixtures/cache-disk.ts';

const PIECE = 256 * 1024;
const PLACES = 256;

t.test('so many are open at a time, and who is refused is counted', async (t) => {
  const memory = new MemoryStore(2 ** 30);
  const places = new BodyPlaces({
    reserve: (bytes) => memory.reserve(bytes),
    release: (bytes) => memory.release(bytes),
  });
  const backs = Array.from({ length: PLACES }, () => places.take(PIECE) as GiveBack);
  t.equal(memory.bytes, PLACES * PIECE, 'what they hold counts as what is kept does');
  t.equal(places.take(1), undefined);
  t.equal(places.refusals, 1);
  backs[7]?.();
  backs[7]?.();
  t.equal(memory.bytes, (PLACES - 1) * PIECE, 'once, however often it is given back');
  const last = places.take(1);
  t.ok(last, 'whoever ends makes room');
  t.equal(places.take(1), undefined);
});

t.test('they hold no more than there is memory, and what is kept makes way for them', async (t) => {
  const memory = new MemoryStore(2 * PIECE);
  const places = new BodyPlaces({
    reserve: (bytes) => memory.reserve(bytes),
    release: (bytes) => memory.release(bytes),
  });
  memory.put(fresh());
  const first = places.take(PIECE);
  t.equal(memory.size, 1);
  places.take(PIECE);
  t.equal(memory.size, 0);
  t.equal(places.take(1), undefined);
  t.equal(memory.bytes, 2 * PIECE, 'who is refused holds nothing');
  first?.();
  t.ok(places.take(PIECE));
});
