import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { parseTimeZone, ZoneClock } from '#match/zone-clock.ts';

t.test('parseTimeZone() lets names of the time zone database pass', async (t) => {
  for (const name of ['UTC', 'Asia/Shanghai', 'Europe/Berlin', 'America/Argentina/Buenos_Aires']) {
    t.equal(parseTimeZone(name), name);
  }
});

t.test('parseTimeZone() says what to write instead of anything else', async (t) => {
  for (const name of ['', 'Asia/Beijing', 'Mars/Olympus', 'CEST', 'UTC+8']) {
    const message = `Time zone "${name}" is not known, write an IANA name such as "Asia/Shanghai" or "UTC"`;
    t.throws(() => parseTimeZone(name), { message });
  }
});

/** The wall clock as text, without the zone. */
function wall(clock: ZoneClock, at: string): string {
  return new Date(clock.wallMs(Date.parse(at))).toISOString().slice(0, 19);
}

const TRANSITIONS: readonly [title: string, zone: string, at: string, expected: string][] = [
  ['UTC has no transitions', 'UTC', '2026-11-23T10:00:00Z', '2026-11-23T10:00:00'],
  ['a zone without daylight saving', 'Asia/Shanghai', '2026-11-23T10:00:00Z', '2026-11-23T18:00:00'],
  ['a millisecond before summer time', 'Europe/Berlin', '2026-03-29T00:59:59.999Z', '2026-03-29T01:59:59'],
  ['the moment summer time begins', 'Europe/Berlin', '2026-03-29T01:00:00Z', '2026-03-29T03:00:00'],
  [
    'a millisecond before summer time ends',
    'Europe/Berlin',
    '2026-10-25T00:59:59.999Z',
    '2026-10-25T02:59:59',
  ],
  ['the moment summer time ends', 'Europe/Berlin', '2026-10-25T01:00:00Z', '2026-10-25T02:00:00'],
  ['half an hour of daylight saving', 'Australia/Lord_Howe', '2026-04-04T15:00:00Z', '2026-04-05T01:30:00'],
  ['an offset of three quarters of an hour', 'Asia/Kathmandu', '2026-01-01T00:00:00Z', '2026-01-01T05:45:00'],
  [
    'an offset with seconds, before zones were',
    'Europe/Paris',
    '1900-01-01T00:00:00Z',
    '1900-01-01T00:09:21',
  ],
];

for (const [title, zone, at, expected] of TRANSITIONS) {
  t.test(`ZoneClock: ${title}`, async (t) => {
    t.equal(wall(new ZoneClock(zone), at), expected);
  });
}

t.test('ZoneClock answers the same whatever was asked before', async (t) => {
  const clock = new ZoneClock('Europe/Berlin');
  const moments = [...TRANSITIONS.map(([, , at]) => at), '2026-03-29T00:59:59.999Z', '2026-07-01T00:00:00Z'];
  for (const at of [...moments, ...moments.toReversed(), ...moments]) {
    t.equal(wall(clock, at), wall(new ZoneClock('Europe/Berlin'), at), at);
  }
});

t.test('ZoneClock agrees with Intl in every time zone', async () => {
  const zones = Intl.supportedValuesOf('timeZone').map((zone) => ({
    clock: new ZoneClock(zone),
    format: new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }),
  }));
  const moment = fc.date({ min: new Date('1975-01-01'), max: new Date('2060-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(fc.constantFrom(...zones), moment, ({ clock, format }, at) => {
      assert.equal(
        wall(clock, at.toISOString()),
        format.format(at).replace(' ', 'T'),
        format.resolvedOptions().timeZone,
      );
    }),
    { seed: 20_261_129, numRuns: 1000 },
  );
});
