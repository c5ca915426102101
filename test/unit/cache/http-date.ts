import fc from 'fast-check';
import t from 'tap';
import { parseHttpDate } from '#cache/http-date.ts';

const NOW = Date.UTC(2026, 10, 28);
const EXAMPLE = Date.UTC(1994, 10, 6, 8, 49, 37);

t.test('parseHttpDate() reads the three forms', async (t) => {
  t.equal(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT', NOW), EXAMPLE);
  t.equal(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT', NOW), EXAMPLE);
  t.equal(parseHttpDate('Sun Nov  6 08:49:37 1994', NOW), EXAMPLE);
  t.equal(parseHttpDate('Wed Nov 16 08:49:37 1994', NOW), EXAMPLE + 10 * 86_400_000);
});

t.test('parseHttpDate() takes two digits for a year at most 50 years from now', async (t) => {
  const yearOf = (text: string) => new Date(parseHttpDate(text, NOW) ?? Number.NaN).getUTCFullYear();
  t.equal(yearOf('Sunday, 06-Nov-76 08:49:37 GMT'), 2076);
  t.equal(yearOf('Sunday, 06-Nov-77 08:49:37 GMT'), 1977);
  t.equal(yearOf('Sunday, 06-Nov-00 08:49:37 GMT'), 2000);
});

t.test('parseHttpDate() reads nothing else', async (t) => {
  const others = [
    '',
    '0',
    '-1',
    'now',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 Nov 1994 08:49:37 +0000',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 94 08:49:37 GMT',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 00 Nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:00 GMT',
    'Sun, 06 Nov 1994 08:49:61 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT, x',
  ];
  for (const text of others) t.equal(parseHttpDate(text, NOW), undefined, text);
});

t.test('parseHttpDate() reads whatever Date writes, to the second', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800 }), (seconds) => {
      return parseHttpDate(new Date(seconds * 1000).toUTCString(), NOW) === seconds * 1000;
    }),
    { seed: 9111 },
  );
});
