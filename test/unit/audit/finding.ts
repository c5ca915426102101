import t from 'tap';
import { recordsOf } from '#audit/finding.ts';

t.test('recordsOf() counts from one number to another', async (t) => {
  t.equal(recordsOf(3, 3), 'Record 3 is');
  t.equal(recordsOf(3, 7), 'Records 3 to 7 are');
});
