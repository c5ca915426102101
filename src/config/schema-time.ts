/** Schema of `time` in an ACL: days, hours, holidays, and by whose clock. */
import { z } from 'zod';
import { parseDays, parseHolidays, parseHours } from '#match/time.ts';
import { parseTimeZone } from '#match/zone-clock.ts';
import { key, list, parsed } from './schema-values.ts';

const textOrList = z.union([z.string(), list(z.string())]);

/** `time`. */
export const time = z
  .strictObject({
    days: key(
      parsed(textOrList, parseDays).optional(),
      'Days of the week: names, ranges, or a list of those; every day if absent. A range of hours belongs to the day on which it starts',
      'mon-fri',
    ),
    hours: key(
      parsed(textOrList, parseHours).optional(),
      'Ranges of hours; the whole day if absent. The start is included, the end is not; `22:00-06:00` goes on after midnight',
      '"09:00-18:00"',
    ),
    holidays: key(
      parsed(list(z.string()), parseHolidays).optional(),
      'Dates on which no range starts; one that began the evening before goes on',
      '["2026-10-01", "2026-10-02"]',
    ),
    timeZone: key(
      parsed(z.string(), parseTimeZone).prefault('UTC'),
      'Time zone (IANA name) whose clock is meant',
      'Asia/Shanghai',
    ),
  })
  .refine(({ days, hours, holidays }) => (days ?? hours ?? holidays) !== undefined, {
    error: 'None of days, hours and holidays is given',
  });
