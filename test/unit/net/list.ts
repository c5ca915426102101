import fc from 'fast-check';
import t from 'tap';
import { List, type Member } from '#net/list.ts';

class Item implements Member<Item> {
  previous: Item | undefined = undefined;
  next: Item | undefined = undefined;
  readonly name: number;

  constructor(name: number) {
    this.name = name;
  }
}

const namesOf = (list: List<Item>): number[] => list.members().map(({ name }) => name);

t.test('List keeps its members in the order in which they came', async (t) => {
  const list = new List<Item>();
  t.equal(list.first, undefined);
  t.same(list.members(), []);
  const items = [0, 1, 2, 3].map((name) => new Item(name));
  for (const item of items) list.add(item);
  t.same(namesOf(list), [0, 1, 2, 3]);
  t.equal(list.first, items[0]);
  t.equal(list.size, 4);
});

t.test('List forgets what is removed, and what is removed forgets the list', async (t) => {
  const list = new List<Item>();
  const items = [0, 1, 2, 3].map((name) => new Item(name));
  for (const item of items) list.add(item);
  for (const [removed, left] of [
    [1, [0, 2, 3]],
    [3, [0, 2]],
    [0, [2]],
    [2, []],
  ] as const) {
    const item = items[removed] as Item;
    list.remove(item);
    t.same(namesOf(list), left);
    t.match(item, { previous: undefined, next: undefined });
    list.remove(item);
    t.equal(list.size, left.length, 'once');
  }
  t.equal(list.first, undefined);
});

t.test('List does as a Set does, whatever is added and removed', async (t) => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 9 })), { minLength: 20, maxLength: 200 });
  let checked = 0;
  fc.assert(
    fc.property(steps, (choices) => {
      const items = Array.from({ length: 10 }, (_, name) => new Item(name));
      const list = new List<Item>();
      const set = new Set<number>();
      for (const [isAdded, name] of choices) {
        const item = items[name] as Item;
        if (!isAdded) {
          list.remove(item);
          set.delete(name);
        } else if (!set.has(name)) {
          list.add(item);
          set.add(name);
        }
        checked += 1;
        if (list.size !== set.size || namesOf(list).join() !== [...set].join()) return false;
      }
      return true;
    }),
    { seed: 20_261_129 },
  );
  t.ok(checked > 1000);
});
