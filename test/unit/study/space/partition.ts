import t from 'tap';
import { bitOf, Classes } from '#study/space/partition.ts';

t.test('Classes keeps the first member of each signature, and which matchers hold for it', async (t) => {
  const classes = new Classes<string>();
  classes.add(0n, 'none');
  classes.add(bitOf(0) | bitOf(70), 'both');
  classes.add(bitOf(0) | bitOf(70), 'both again');
  classes.add(bitOf(70), 'the last');
  const { samples, holds } = classes.partition(71);
  t.same(samples, ['none', 'both', 'the last']);
  t.equal(holds.length, 71);
  t.same([[...(holds[0] ?? [])], [...(holds[1] ?? [])], [...(holds[70] ?? [])]], [[1], [], [1, 2]]);
});
