import t from 'tap';
import { isHeld, sizeOf } from '#cache/entry.ts';
import { entry, NOW } from '../../fixtures/cache-entry.ts';

t.test('entryOf() reckons directives and freshness, and freezes', async (t) => {
  const kept = entry(['Cache-Control', 'max-age=60']);
  t.equal(kept.directives.seconds('max-age'), 60);
  t.same(kept.freshness, { lifetimeMs: 60_000, isGuessed: false, bornMs: NOW });
  t.ok(Object.isFrozen(kept));
});

t.test('sizeOf() counts head and body', async (t) => {
  const plain = sizeOf(entry());
  t.equal(sizeOf(entry(['X', 'abc'])) - plain, 8);
  t.equal(sizeOf(entry([], { body: Buffer.alloc(110) })) - plain, 100);
  t.equal(sizeOf(entry([], { selection: 'abc' })) - plain, 6);
});

t.test('entryOf() takes Age for the age, and keeps nothing else of it', async (t) => {
  const kept = entry(['Age', '5', 'X', '1', 'AGE', '7']);
  t.same(kept.headers, ['X', '1']);
  t.equal(kept.freshness.bornMs, NOW - 5000);
});

t.test('a body on disk takes no memory', async (t) => {
  const held = entry([], { body: Buffer.alloc(1000) });
  const gone = async (): Promise<undefined> => undefined;
  const stored = entry([], {
    body: { length: 1000, checksums: Buffer.alloc(0), open: gone, openToCopy: gone },
  });
  t.same([isHeld(held), isHeld(stored)], [true, false]);
  t.equal(sizeOf(held) - sizeOf(stored), 1000);
});
