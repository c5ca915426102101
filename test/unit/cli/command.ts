import t from 'tap';
import { STANDARD_INPUT, textOption, UsageError } from '#cli/command.ts';

t.test('textOption() takes one text or none', async (t) => {
  const { coerce } = textOption('What it means');
  t.equal(coerce('a'), 'a');
  t.equal(coerce(undefined), undefined);
  t.throws(() => coerce(''), { name: 'UsageError', message: /^An option has an empty value/ });
  t.throws(() => coerce(STANDARD_INPUT), {
    name: 'UsageError',
    message: /^Only "weir check" reads standard/,
  });
  t.throws(() => coerce(['a', 'b']), new UsageError('Only one of a and b can be given'));
});
