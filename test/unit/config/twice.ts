import t from 'tap';
import { firstTwice } from '#config/twice.ts';

t.test('firstTwice() is what was there before', async (t) => {
  t.equal(firstTwice(['a', 'b', 'c', 'b', 'a']), 'b');
  t.equal(firstTwice(['a', 'b']), undefined);
  t.equal(firstTwice([]), undefined);
});
