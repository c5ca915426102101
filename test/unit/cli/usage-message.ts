import t from 'tap';
import { usageMessage } from '#cli/usage-message.ts';

const OPTIONS = ['config', 'c', 'time-zone', 'json'];
const FEW = 'Not enough non-option arguments: got 0, need at least 1';

const ROWS: Readonly<Record<string, readonly [words: string, message: string, told: string]>> = {
  'an unknown option that swallows the target': ['x --bogus a.com:443', FEW, 'Unknown argument: bogus'],
  'one with a value of its own': ['x --bogus=1', FEW, 'Unknown argument: bogus'],
  'one that is nearly one': [
    'x --timezone UTC',
    FEW,
    'Unknown argument: timezone\nDid you mean --time-zone?',
  ],
  'a missing argument': ['x --json -c a', FEW, 'Missing argument: file, as in "weir x <file> <logs..>"'],
  'the second one': ['x', FEW.replace('0', '1'), 'Missing argument: logs, as in "weir x <file> <logs..>"'],
  'an option as the parser takes it too': ['x --timeZone', 'Other', 'Other'],
  'anything else': ['x a', 'Other', 'Other'],
};

for (const [what, [line, message, told]] of Object.entries(ROWS)) {
  t.test(`usageMessage() says what is wrong: ${what}`, async (t) => {
    const called = { words: line.split(' '), command: 'x <file> <logs..>', options: OPTIONS };
    t.equal(usageMessage(message, called), told);
  });
}

t.test('usageMessage() leaves the message of the parser where no command is named', async (t) => {
  t.equal(usageMessage(FEW, { words: [], command: undefined, options: [] }), FEW);
});
