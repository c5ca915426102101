import assert from 'node:assert/strict';
import t from 'tap';
import { compileTime, parseDays, parseHolidays, parseHours, type TimeOptions } from '#match/time.ts';
import { Tri } from '#match/tri.ts';
import { HORIZON_DAYS, partitionMoments } from '#study/space/moments.ts';
import { OverBudget } from '#study/space/regions.ts';
import { subject } from '../../../fixtures/subject.ts';

const NOW = Date.parse('2026-11-28T08:13:20Z');
const MINUTE = 60_000;

const WINDOWS: readonly TimeOptions[] = [
  { days: parseDays('mon-fri'), hours: parseHours('09:00-18:00'), timeZone: 'Europe/Berlin' },
  { hours: parseHours('02:15-02:45'), timeZone: 'Europe/Berlin' },
  { days: parseDays('sun'), hours: parseHours('23:30-00:10'), timeZone: 'Asia/Kathmandu' },
  { holidays: parseHolidays(['2027-03-28']), timeZone: 'Europe/Berlin' },
];

t.test('partitionMoments() has every combination of windows that a year has, and no other', async () => {
  const tests = WINDOWS.map((window) => compileTime(window).test);
  const signatureAt = (timeMs: number): string =>
    tests.map((test) => test({ ...subject(), timeMs }) === Tri.True).join();
  const found = new Set<string>();
  for (let at = NOW; at < NOW + HORIZON_DAYS * 86_400_000; at += MINUTE) found.add(signatureAt(at));
  const { samples, holds } = partitionMoments(NOW, { windows: WINDOWS, ends: [] });
  assert.deepEqual(samples.map(signatureAt).sort(), [...found].sort());
  for (const [matcher, classes] of holds.entries()) {
    for (const [index, sample] of samples.entries()) {
      assert.equal(classes.has(index), signatureAt(sample).split(',')[matcher] === 'true');
    }
  }
});

t.test('partitionMoments() begins now, and divides at what ends, however far ahead', async (t) => {
  const end = NOW + 5 * MINUTE;
  const { samples, holds } = partitionMoments(NOW, { windows: [], ends: [end, NOW - 1, NOW + 1e12] });
  t.same(samples, [NOW, end, NOW + 1e12]);
  t.same(
    holds.map((classes) => [...classes]),
    [[0], [], [0, 1]],
  );
});

t.test('partitionMoments() looks at a year from each end on', async (t) => {
  const sundays = { days: parseDays('sun') };
  const ends = ['2026-12-01T00:00Z', '2027-11-28T00:00Z', '2040-01-02T00:00Z'].map(Date.parse);
  const { samples } = partitionMoments(NOW, { windows: [sundays], ends });
  t.same(
    samples.map((sample) => new Date(sample).toISOString().slice(0, 10)),
    [
      ...['2026-11-28', '2026-11-29', '2026-12-01', '2026-12-06'],
      ...['2027-11-28', '2027-11-29', '2040-01-02', '2040-01-08'],
    ],
  );
});

t.test('partitionMoments() gives up where there are too many moments', async (t) => {
  const year = (index: number): number => Date.parse(`${2030 + 2 * index}-01-01T00:00Z`);
  const ends = Array.from({ length: 300 }, (_, index) => year(index));
  t.throws(() => partitionMoments(NOW, { windows: [{ days: parseDays('sun') }], ends }), OverBudget);
});
