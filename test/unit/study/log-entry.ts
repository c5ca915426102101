import t from 'tap';
import { broken, isLogTime, undecided } from '#study/log-entry.ts';

t.test('a line without a decision, and one that is none of a log, say why', async (t) => {
  t.same(undecided('ended before a decision'), { kind: 'undecided', why: 'ended before a decision' });
  t.same(broken('it is no JSON'), { kind: 'broken', why: 'it is no JSON' });
});

t.test('isLogTime() takes the years from 1970 to 9999', async (t) => {
  for (const [ms, expected] of [
    [0, true],
    [-1, false],
    [Date.UTC(9999, 11, 31), true],
    [Date.UTC(9999, 11, 31) + 1, false],
    [Number.NaN, false],
  ] as const)
    t.equal(isLogTime(ms), expected, String(ms));
});
