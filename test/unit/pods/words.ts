import t from 'tap';
import { Words } from '#pods/words.ts';

t.test('same() keeps what it was given, and begins anew where there is no more room', async (t) => {
  const words = new Words(2);
  t.equal(words.same('a'), 'a');
  t.equal(words.same('a'), 'a');
  t.equal(words.same('b'), 'b');
  t.equal(words.same('c'), 'c');
  t.equal(words.same('a'), 'a');
  t.equal(new Words().same('a'), 'a');
});
