import t from 'tap';
import { textOption, UsageError } from '#cli/command.ts';

t.test('textOption() takes one text or none', async (t) => {
  const { coerce } = textOption('What it means');
  t.equal(coerce('a'), 'a');
  t.equal(coerce(undefined), undefined);
  t.throws(() => coerce(''), { name: 'UsageError', message: /^An option has an empty value/ });
  t.throws(() => coerce(['a', 'b']), new UsageError('Only one of a and b can be given'));
});
