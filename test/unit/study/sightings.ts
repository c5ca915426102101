import t from 'tap';
import { mergeSightings, SightingTable } from '#study/sightings.ts';

t.test('SightingTable counts rows, most frequent first, then by their texts', async (t) => {
  const table = new SightingTable(10);
  for (const [row, at] of [
    [['b', 'x y'], 30],
    [['a', ''], 20],
    [['b', 'x y'], 10],
    [['a', '"'], 40],
  ] as const)
    t.ok(table.add(row, at));
  t.equal(table.size, 3);
  t.same(table.rows(), [
    { row: ['b', 'x y'], seen: { count: 2, firstMs: 10, lastMs: 30 } },
    { row: ['a', ''], seen: { count: 1, firstMs: 20, lastMs: 20 } },
    { row: ['a', '"'], seen: { count: 1, firstMs: 40, lastMs: 40 } },
  ]);
  t.equal(table.beyond.count, 0);
});

t.test('SightingTable has an order of its own, whatever came first', async (t) => {
  const texts = ['c', 'a', 'd', 'b'];
  for (const order of [texts, texts.toReversed()]) {
    const table = new SightingTable(10);
    for (const text of order) table.add([text], 1);
    t.same(
      table.rows().map(({ row }) => row[0]),
      ['a', 'b', 'c', 'd'],
    );
  }
});

t.test('SightingTable counts what finds no room together, and goes on counting what has some', async (t) => {
  const table = new SightingTable(1);
  t.ok(table.add(['a'], 1));
  t.notOk(table.add(['b'], 5));
  t.notOk(table.add(['c'], 3));
  t.ok(table.add(['a'], 2));
  t.match(table.rows(), [{ row: ['a'], seen: { count: 2 } }]);
  t.match(table.beyond, { count: 2, firstMs: 3, lastMs: 5 });
});

t.test('mergeSightings() adds up, from the first to the last', async (t) => {
  const parts = [
    { count: 2, firstMs: 20, lastMs: 30 },
    { count: 3, firstMs: 10, lastMs: 25 },
  ];
  t.same(mergeSightings(parts), { count: 5, firstMs: 10, lastMs: 30 });
});
