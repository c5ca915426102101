import t from 'tap';
import { countOption, STANDARD_INPUT, textOption, UsageError } from '#cli/command.ts';

t.test('textOption() takes one text or none', async (t) => {
  const { coerce } = textOption('What it means');
  t.equal(coerce('a'), 'a');
  t.equal(coerce(undefined), undefined);
  t.throws(() => coerce(''), { name: 'UsageError', message: /^An option has an empty value/ });
  t.throws(() => coerce(STANDARD_INPUT), {
    name: 'UsageError',
    message: /^An option reads no standard input/,
  });
  t.throws(() => coerce(['a', 'b']), new UsageError('Only one of a and b can be given'));
});

t.test('countOption() takes one whole number from 0 on', async (t) => {
  const { coerce } = countOption(20, 'What it means');
  t.equal(coerce(0), 0);
  for (const value of [-1, 1.5, Number.NaN]) {
    t.throws(() => coerce(value), new UsageError('A count is a whole number from 0 on'));
  }
  t.throws(() => coerce([1, 2]), new UsageError('Only one of 1 and 2 can be given'));
});
