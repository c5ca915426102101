import t from 'tap';
import { parse } from 'yaml';
import { time } from '#config/schema-time.ts';

t.test('time gives every key its type', async (t) => {
  const yaml =
    '{ days: mon-fri, hours: ["09:00-12:00", "22:00-06:00"], holidays: [2026-10-01], timeZone: Asia/Shanghai }';
  t.same(time.parse(parse(yaml)), {
    days: 0b011_1110,
    hours: [
      { start: 540, end: 720 },
      { start: 1320, end: 360 },
    ],
    holidays: [20_727],
    timeZone: 'Asia/Shanghai',
  });
  t.match(time.parse({ days: ['sun', 'sat'] }), { days: 0b100_0001, hours: undefined, timeZone: 'UTC' });
  t.match(time.parse({ holidays: ['1970-01-02'] }), { holidays: [1] });
  t.match(time.parse({ hours: '00:00-24:00' }), { hours: [{ start: 0, end: 1440 }] });
});

const BAD: Readonly<Record<string, readonly [yaml: string, path: string]>> = {
  'a time that says nothing': ['{ timeZone: UTC }', ''],
  'a day that is none': ['{ days: monday }', 'days'],
  'hours that are none': ['{ hours: 9-18 }', 'hours'],
  'a zone that is none': ['{ days: mon, timeZone: Mars }', 'timeZone'],
  'a holiday that is no date': ['{ holidays: [2026-02-30] }', 'holidays'],
};

for (const [what, [yaml, path]] of Object.entries(BAD)) {
  t.test(`time refuses ${what}`, async (t) => {
    const { error } = time.safeParse(parse(yaml));
    t.same(
      error?.issues.map((issue) => issue.path.join('.')),
      [path],
    );
  });
}
