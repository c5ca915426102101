import t from 'tap';
import { mapping } from '#pods/mapping.ts';

t.test('mapping() has the names and values that there are', async (t) => {
  const own = { a: 1 };
  t.equal(mapping(own), own);
  for (const other of [undefined, null, 'a', 1, [own]]) t.same(mapping(other), {});
});
