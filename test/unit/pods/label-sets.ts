import t from 'tap';
import { LabelSets } from '#pods/label-sets.ts';
import { Words } from '#pods/words.ts';

t.test('take() gives the same set for the same labels, as long as somebody has it', async (t) => {
  const sets = new LabelSets(new Words());
  const first = sets.take(['app', 'api', 'tier', 'front']);
  const second = sets.take(['app', 'api', 'tier', 'front']);
  t.equal(second, first);
  t.same(
    [...first],
    [
      ['app', 'api'],
      ['tier', 'front'],
    ],
  );
  t.equal(first.get('tier'), 'front');
  t.equal(first.get('front'), undefined, 'a value is no name');
  t.not(sets.take(['app', 'api']), first);
  t.equal(sets.size, 2);
  sets.giveBack(first);
  t.equal(sets.size, 2);
  sets.giveBack(second);
  t.equal(sets.size, 1);
  t.not(sets.take(['app', 'api', 'tier', 'front']), first);
});

t.test('take() does not take one list for another that reads the same', async (t) => {
  const sets = new LabelSets(new Words());
  t.not(sets.take(['a', 'b,c']), sets.take(['a,b', 'c']));
  t.not(sets.take(['a', 'b"']), sets.take(['a', 'b']));
});
