import t from 'tap';
import { imported, toldOf } from '../../fixtures/imported.ts';

async function timeOf(t: Parameters<typeof imported>[0], ...values: string[]) {
  const lines = values.map((value) => `acl x time ${value}`);
  const found = await imported(t, [...lines, 'http_access allow x', 'http_access deny all']);
  const times = Object.values(found.config.acls ?? {}).map((acl) => (acl as { time: object }).time);
  return { found, times: times.map((time) => ({ ...time, timeZone: undefined })) };
}

const TIMES: Readonly<Record<string, readonly [values: readonly string[], times: readonly object[]]>> = {
  'the last minute is included': [
    ['MTWHF 09:00-18:00'],
    [{ days: 'mon,tue,wed,thu,fri', hours: '09:00-18:01' }],
  ],
  'D is the weekdays': [['D 9:00-9:00'], [{ days: 'mon,tue,wed,thu,fri', hours: '09:00-09:01' }]],
  'the day ends at its end': [['S 00:00-24:00'], [{ days: 'sun', hours: '00:00-24:00' }]],
  'and a minute before that too': [['00:00-23:59'], [{ hours: '00:00-24:00' }]],
  'days alone are whole days': [['SA'], [{ days: 'sun,sat' }]],
  'days named again are those of the range behind them': [
    ['M 09:00-10:00 T 11:00-12:00'],
    [
      { days: 'mon', hours: '09:00-10:01' },
      { days: 'tue', hours: '11:00-12:01' },
    ],
  ],
  'lines are alternatives': [
    ['M', 'T 10:00-11:00'],
    [{ days: 'mon' }, { days: 'tue', hours: '10:00-11:01' }],
  ],
  'ranges of the same days share an ACL': [
    ['M 09:00-10:00 M 11:00-12:00'],
    [{ days: 'mon', hours: ['09:00-10:01', '11:00-12:01'] }],
  ],
};

for (const [title, [values, times]] of Object.entries(TIMES)) {
  t.test(`times(): ${title}`, async (t) => t.match((await timeOf(t, ...values)).times, times));
}

t.test('times() honours that the second range is for every day, and says so', async (t) => {
  const { found, times } = await timeOf(t, 'MTWHF 09:00-12:00 13:00-18:00');
  t.match(times, [{ days: 'mon,tue,wed,thu,fri', hours: '09:00-12:01' }, { hours: '13:00-18:01' }]);
  t.equal((times[1] as { days?: string }).days, undefined);
  t.match(
    toldOf(found, 1).join('\n'),
    /^dangerous Squid binds days to the range behind them alone, so that "13:00-18:00" holds on every day/m,
  );
});

t.test('times() names the zone that it takes', async (t) => {
  const { found } = await timeOf(t, 'M');
  t.equal(found.config.acls.x.time.timeZone, 'Asia/Shanghai');
  t.match(
    toldOf(found, 1).join('\n'),
    /^changed Squid goes by the clock of its machine; taken to be Asia\/Shanghai/m,
  );
});

t.test('times() tells of what Squid would not take', async (t) => {
  const reversed = await timeOf(t, 'M 22:00-06:00');
  t.match(toldOf(reversed.found, 1)[0], /^error "22:00-06:00" is no range of hours from earlier to later/);
  t.same(reversed.times, [], 'and allows nothing');
  const letter = await timeOf(t, 'MX 09:00-10:00');
  t.match(toldOf(letter.found, 1)[0], /^error "X" is no day; Squid complains and goes on/);
  t.match(letter.times, [{ days: 'mon', hours: '09:00-10:01' }]);
});
