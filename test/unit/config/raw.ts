import t from 'tap';
import { elements, fields, section } from '#config/raw.ts';

t.test('what is not as it should be is nothing', async (t) => {
  t.same(elements(['a', 'b']), [
    [0, 'a'],
    [1, 'b'],
  ]);
  t.same(elements({ a: 1 }), []);
  t.same(fields({ a: 1 }), { a: 1 });
  for (const value of [undefined, null, 'text', ['a']]) t.same(fields(value), {});
});

t.test('section() tells what is absent from what cannot be read', async (t) => {
  t.same(section({ a: 1 }), [['a', 1]]);
  t.same(section(undefined), []);
  t.equal(section(['a']), undefined);
});
