/** `node bench/micro/match/time.ts`: whether it is business hours in Shanghai. First proves the edges. */
import assert from 'node:assert/strict';
import { compileTime, parseDays, parseHours } from '#match/time.ts';
import { Tri } from '#match/tri.ts';
import { measure } from '../measure.ts';
import { subjectsFor } from '../subjects.ts';

const hours = compileTime({
  days: parseDays('mon-fri'),
  hours: parseHours('09:00-18:00'),
  timeZone: 'Asia/Shanghai',
});
const subjectAt = subjectsFor(1);
const isOpenAt = (time: string): boolean =>
  hours.test({ ...subjectAt(0), timeMs: Date.parse(time) }) === Tri.True;

assert.equal(isOpenAt('2026-11-23T09:00+08:00'), true);
assert.equal(isOpenAt('2026-11-23T18:00+08:00'), false);
assert.equal(isOpenAt('2026-11-22T10:00+08:00'), false);

measure('time', [
  {
    name: 'mon-fri 09:00-18:00, minute by minute',
    call: (index) => hours.test(subjectAt(index)) === Tri.True,
  },
]);
