import t from 'tap';
import { compileTime, parseDays, parseHolidays, parseHours, type TimeOptions } from '#match/time.ts';
import { Tri } from '#match/tri.ts';
import { subject } from '../../fixtures/subject.ts';

const [SUN, MON, TUE, WED, THU, FRI, SAT] = [1, 2, 4, 8, 16, 32, 64] as const;

const DAYS: readonly [value: string | string[], days: number][] = [
  ['mon', MON],
  ['sun', SUN],
  ['mon-fri', MON | TUE | WED | THU | FRI],
  ['sat-mon', SAT | SUN | MON],
  ['sun-sat', 127],
  ['mon-sun', 127],
  ['mon-mon', MON],
  ['mon,wed', MON | WED],
  ['Mon - Tue , SAT', MON | TUE | SAT],
  [['mon', 'wed-thu,sat'], MON | WED | THU | SAT],
  [[], 127],
];

for (const [value, days] of DAYS) {
  t.test(`parseDays() reads ${JSON.stringify(value)}`, async (t) => {
    t.equal(parseDays(value), days);
  });
}

for (const text of ['', 'monday', 'mon-', '-mon', 'mon-tue-wed', 'mon fri', 'weekday']) {
  t.test(`parseDays() refuses "${text}"`, async (t) => {
    const message = `Day "${text}" is not known, write sun, mon, tue, wed, thu, fri, sat or a range such as "mon-fri"`;
    t.throws(() => parseDays(text), { message });
  });
}

const HOURS: readonly [value: string | string[], ranges: [number, number][]][] = [
  ['09:00-18:00', [[540, 1080]]],
  ['9:00 - 18:30', [[540, 1110]]],
  ['00:00-24:00', [[0, 1440]]],
  ['23:59-24:00', [[1439, 1440]]],
  ['22:00-06:00', [[1320, 360]]],
  ['22:00-00:00', [[1320, 0]]],
  [
    '08:00-12:00, 13:00-17:00',
    [
      [480, 720],
      [780, 1020],
    ],
  ],
  [
    ['08:00-12:00', '13:00-17:00,18:00-19:00'],
    [
      [480, 720],
      [780, 1020],
      [1080, 1140],
    ],
  ],
  [[], [[0, 1440]]],
];

for (const [value, ranges] of HOURS) {
  t.test(`parseHours() reads ${JSON.stringify(value)}`, async (t) => {
    t.same(
      parseHours(value),
      ranges.map(([start, end]) => ({ start, end })),
    );
  });
}

for (const text of [
  '',
  '9-18',
  '09:00',
  '09:00-',
  '09:00-18:60',
  '09:60-18:00',
  '24:00-06:00',
  '09:00-24:01',
  '9:0-18:00',
  '09:00–18:00',
]) {
  t.test(`parseHours() refuses "${text}"`, async (t) => {
    const message = `Hours "${text}" cannot be read, write a range from 00:00 to 24:00 such as "09:00-18:00"`;
    t.throws(() => parseHours(text), { message });
  });
}

t.test('parseHours() refuses a range that ends where it starts', async (t) => {
  const message = 'Hours "09:00-09:00" end where they start, write "00:00-24:00" for the whole day';
  t.throws(() => parseHours('09:00-09:00'), { message });
});

t.test('parseHolidays() reads dates', async (t) => {
  t.same(parseHolidays(['1970-01-01', '1970-01-02', '2026-10-01']), [0, 1, 20_727]);
  t.same(parseHolidays([]), []);
});

for (const text of [
  '',
  '2026-10-1',
  '01.10.2026',
  '2026-02-30',
  '2026-13-01',
  '2026-00-01',
  '2026-10-01T00:00Z',
]) {
  t.test(`parseHolidays() refuses "${text}"`, async (t) => {
    t.throws(() => parseHolidays([text]), {
      message: `Holiday "${text}" is no date, write one such as "2026-10-01"`,
    });
  });
}

/** What a configuration says, as text. */
interface Written {
  readonly days?: string;
  readonly hours?: string;
  readonly holidays?: string[];
  readonly timeZone?: string;
}

function optionsOf({ days, hours, holidays, timeZone }: Written): TimeOptions {
  return {
    days: days === undefined ? undefined : parseDays(days),
    hours: hours === undefined ? undefined : parseHours(hours),
    holidays: holidays === undefined ? undefined : parseHolidays(holidays),
    timeZone,
  };
}

// 2026-11-23 is a Monday.
const WINDOWS: readonly [title: string, written: Written, inside: string[], outside: string[]][] = [
  ['no key holds always', {}, ['2026-11-23T00:00Z', '1969-12-31T23:59Z'], []],
  [
    'days alone hold all day',
    { days: 'mon' },
    ['2026-11-23T00:00Z', '2026-11-23T23:59:59.999Z'],
    ['2026-11-22T23:59:59.999Z', '2026-11-24T00:00Z'],
  ],
  [
    'days before the epoch',
    { days: 'wed' },
    ['1969-12-31T12:00Z'],
    ['1969-12-30T12:00Z', '1970-01-01T00:00Z'],
  ],
  [
    'a range includes its start and excludes its end',
    { days: 'mon-fri', hours: '09:00-18:00' },
    ['2026-11-23T09:00:00Z', '2026-11-23T17:59:59.999Z'],
    ['2026-11-23T08:59:59.999Z', '2026-11-23T18:00:00Z', '2026-11-22T12:00Z'],
  ],
  [
    'the clock is that of the time zone',
    { days: 'mon-fri', hours: '09:00-18:00', timeZone: 'Asia/Shanghai' },
    ['2026-11-23T01:00Z', '2026-11-23T09:59Z'],
    ['2026-11-23T00:59Z', '2026-11-23T10:00Z', '2026-11-22T02:00Z'],
  ],
  [
    'the day is that of the time zone too',
    { days: 'mon', timeZone: 'Asia/Shanghai' },
    ['2026-11-22T16:00Z', '2026-11-23T15:59Z'],
    ['2026-11-22T15:59Z', '2026-11-23T16:00Z'],
  ],
  [
    'several ranges',
    { hours: '08:00-12:00,13:00-17:00' },
    ['2026-11-23T08:00Z', '2026-11-23T16:59Z'],
    ['2026-11-23T12:00Z', '2026-11-23T12:59Z', '2026-11-23T17:00Z'],
  ],
  [
    'a range over midnight belongs to the day it starts on',
    { days: 'fri', hours: '22:00-06:00' },
    ['2026-11-27T22:00Z', '2026-11-28T00:00Z', '2026-11-28T05:59:59.999Z'],
    ['2026-11-27T00:00Z', '2026-11-27T05:59Z', '2026-11-27T21:59Z', '2026-11-28T06:00Z', '2026-11-28T22:00Z'],
  ],
  [
    'a range over midnight at the end of the week',
    { days: 'sat', hours: '22:00-06:00' },
    ['2026-11-28T23:00Z', '2026-11-29T05:59Z'],
    ['2026-11-29T22:00Z', '2026-11-28T05:59Z'],
  ],
  [
    'a range up to midnight, written either way',
    { days: 'fri', hours: '22:00-00:00' },
    ['2026-11-27T22:00Z', '2026-11-27T23:59Z'],
    ['2026-11-28T00:00Z', '2026-11-27T00:00Z'],
  ],
  [
    'the same with 24:00',
    { days: 'fri', hours: '22:00-24:00' },
    ['2026-11-27T22:00Z', '2026-11-27T23:59Z'],
    ['2026-11-28T00:00Z', '2026-11-27T00:00Z'],
  ],
  [
    'no range starts on a holiday, but one that started before goes on',
    { hours: '22:00-06:00', holidays: ['2026-11-24'] },
    ['2026-11-23T22:00Z', '2026-11-24T05:59Z', '2026-11-25T22:00Z'],
    ['2026-11-24T22:00Z', '2026-11-25T05:59Z'],
  ],
  [
    'an hour that daylight saving skips is skipped',
    { hours: '02:00-03:00', timeZone: 'Europe/Berlin' },
    ['2026-03-28T01:00Z', '2026-03-30T00:00Z'],
    ['2026-03-29T00:59:59Z', '2026-03-29T01:00Z', '2026-03-29T01:59Z'],
  ],
  [
    'an hour that daylight saving repeats holds twice',
    { hours: '02:00-03:00', timeZone: 'Europe/Berlin' },
    ['2026-10-25T00:00Z', '2026-10-25T00:59Z', '2026-10-25T01:00Z', '2026-10-25T01:59Z'],
    ['2026-10-24T23:59Z', '2026-10-25T02:00Z'],
  ],
  [
    'a night over a change of the clock ends by the wall clock',
    { days: 'sat', hours: '22:00-06:00', timeZone: 'Europe/Berlin' },
    ['2026-03-28T21:00Z', '2026-03-29T03:59Z'],
    ['2026-03-28T20:59Z', '2026-03-29T04:00Z'],
  ],
];

for (const [title, written, inside, outside] of WINDOWS) {
  t.test(`compileTime(): ${title}`, async (t) => {
    const time = compileTime(optionsOf(written));
    for (const at of inside) t.equal(time.test(subject({ at })), Tri.True, `holds at ${at}`);
    for (const at of outside) t.equal(time.test(subject({ at })), Tri.False, `does not hold at ${at}`);
  });
}

t.test('compileTime() answers each minute by itself, whatever was asked before', async (t) => {
  const time = compileTime(optionsOf({ hours: '09:00-09:01' }));
  for (const at of ['09:00:59', '09:01', '09:00', '09:00:30', '08:59:59', '09:00:59.999'])
    t.equal(
      time.test(subject({ at: `2026-11-23T${at}Z` })),
      at.startsWith('09:00') ? Tri.True : Tri.False,
      at,
    );
});

t.test('compileTime() takes empty hours for the whole day', async (t) => {
  const time = compileTime({ hours: [] });
  t.equal(time.key, 'time');
  t.ok(Object.isFrozen(time));
  t.equal(time.test(subject()), Tri.True);
});

t.test('compileTime() refuses a time zone that is not known', async (t) => {
  t.throws(() => compileTime({ timeZone: 'Asia/Beijing' }), {
    message: /^Time zone "Asia\/Beijing" is not known/,
  });
});
