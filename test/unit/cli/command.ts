import t from 'tap';
import {
  countOption,
  filesArgument,
  flag,
  InputError,
  refuseOddFiles,
  STANDARD_INPUT,
  textOption,
  UsageError,
} from '#cli/command.ts';

t.test('filesArgument() and flag() say what they mean', async (t) => {
  t.match(filesArgument('Logs'), { describe: 'Logs', array: true, demandOption: true });
  t.match(flag('As JSON'), { describe: 'As JSON', type: 'boolean', default: false });
});

t.test('refuseOddFiles() wants files, and standard input at most once', async (t) => {
  refuseOddFiles(['a', STANDARD_INPUT, 'a'], 'log');
  t.throws(() => refuseOddFiles([], 'log'), new UsageError('Name a log'));
  const twice = new UsageError('Standard input can be read only once');
  t.throws(() => refuseOddFiles([STANDARD_INPUT, 'a', STANDARD_INPUT], 'log'), twice);
});

t.test('an InputError has an exit code of its own', async (t) => {
  t.match(new InputError('Cannot read "a"'), { name: 'InputError', exitCode: 66 });
});

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
  const { coerce } = countOption('top', 20, 'What it means');
  t.equal(coerce(20), 20);
  t.equal(coerce('0'), 0);
  for (const value of ['-1', '1.5', 'x', '', '1e3', '9'.repeat(16)]) {
    const message = `Option --top is a count, a whole number from 0 on, and not "${value}"`;
    t.throws(() => coerce(value), new UsageError(message));
  }
  t.throws(() => coerce(['1', '2']), new UsageError('Only one of 1 and 2 can be given'));
});
