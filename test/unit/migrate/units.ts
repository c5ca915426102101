import t from 'tap';
import { parseDuration } from '#config/units.ts';
import { parseTime } from '#migrate/units.ts';

const TIMES: Readonly<Record<string, string | undefined>> = {
  '30 seconds': '30s',
  '1 minute': '1m',
  '90 minutes': '90m',
  '0.5 hours': '30m',
  '1 day': '1d',
  '1 week': '7d',
  '1 year': '24d',
  '250 milliseconds': '250ms',
  '5': '5s',
  '0 seconds': '0s',
  '5 parsecs': undefined,
  x: undefined,
  '': undefined,
};

for (const [text, expected] of Object.entries(TIMES)) {
  t.test(`parseTime() of "${text}"`, async (t) => {
    const time = parseTime(text.split(' '));
    t.equal(time?.text, expected);
    if (time !== undefined) t.equal(parseDuration(time.text), time.ms, 'Weir reads the same');
    t.equal(time?.isCut ?? false, text === '1 year');
  });
}
