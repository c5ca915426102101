import t from 'tap';
import { nextChangeMs } from '#acl/next-change.ts';
import { compilePolicy } from '#acl/policy.ts';
import { parseHours, type TimeOptions } from '#match/time.ts';

function policyOf(...times: readonly TimeOptions[]) {
  const acls = Object.fromEntries(
    times.map((time, index) => [`t${index}`, { time, ports: [{ first: 443, last: 443, text: '443' }] }]),
  );
  return compilePolicy({ acls, access: [{ name: 'all', allow: ['all'] }] }, '');
}

const at = (text: string): number => Date.parse(`2026-11-23T${text}Z`);
const HOURS: TimeOptions = { hours: parseHours('09:00-18:00') };

const TABLE: Readonly<
  Record<string, readonly [now: string, next: string | undefined, ...times: TimeOptions[]]>
> = {
  'nothing without a time': ['08:30:00', undefined],
  'the start of a range': ['08:30:00', '09:00:00', HOURS],
  'its end': ['17:59:59.999', '18:00:00', HOURS],
  'nothing at the moment that has just come': ['18:00:00', undefined, HOURS],
  'nothing beyond an hour': ['07:59:00', undefined, HOURS],
  'what comes in an hour': ['08:00:00', '09:00:00', HOURS],
  'the first of several': ['08:30:10', '08:45:00', HOURS, { hours: parseHours('08:45-10:00') }],
  'the day by the clock of its zone': ['15:59:00', '16:00:00', { days: 0b10, timeZone: 'Asia/Shanghai' }],
};

for (const [what, [now, next, ...times]] of Object.entries(TABLE)) {
  t.test(`nextChangeMs() finds ${what}`, async (t) => {
    const expected = next === undefined ? Number.POSITIVE_INFINITY : at(next);
    t.equal(nextChangeMs(policyOf(...times), at(now)), expected);
  });
}

t.test('nextChangeMs() finds where a rule ends', async (t) => {
  const policy = policyOf(HOURS);
  const ending = (untilMs: number) => ({
    ...policy,
    rules: policy.rules.map((rule) => ({ ...rule, untilMs })),
  });
  t.equal(nextChangeMs(ending(at('08:30:07')), at('08:30:00')), at('08:30:07'));
  t.equal(nextChangeMs(ending(at('08:30:00')), at('08:30:00')), at('09:00:00'), 'once');
  t.equal(nextChangeMs(ending(at('23:00:00')), at('10:30:00')), Number.POSITIVE_INFINITY);
});
