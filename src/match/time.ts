/**
 * `time`: days and hours by the wall clock of a time zone, daylight saving included. A range holds from its start, not at
 * its end; one that wraps midnight belongs to the day it starts on, so `fri 22:00-06:00` still holds on Saturday at 05:59.
 */
import type { Matcher } from './matcher.ts';
import { Tri, triOf } from './tri.ts';
import { parseTimeZone, ZoneClock } from './zone-clock.ts';

/** Days of the week, one bit each; Sunday is the lowest. */
export type DaySet = number;

/** Minutes after midnight. The end is exclusive; one before the start is on the next day. */
export interface HourRange {
  readonly start: number;
  readonly end: number;
}

export interface TimeOptions {
  /** @default every day */
  readonly days?: DaySet | undefined;
  /** @default the whole day, also where empty */
  readonly hours?: readonly HourRange[] | undefined;
  /** Days on which no range starts, in days since the epoch. */
  readonly holidays?: readonly number[] | undefined;
  /** IANA name. @default UTC */
  readonly timeZone?: string | undefined;
}

const DAY_NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const EVERY_DAY: DaySet = 0b111_1111;
/** The epoch began on a Thursday. */
const EPOCH_WEEKDAY = 4;
const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const DAY_MS = DAY_MINUTES * MINUTE_MS;
const WHOLE_DAY: HourRange = Object.freeze({ start: 0, end: DAY_MINUTES });

/**
 * Reads `mon-fri`, `mon,wed`, or a list of such; a range may run over the week's end. An empty list is every day.
 * @throws {Error} naming the text and the fix
 */
export function parseDays(value: string | readonly string[]): DaySet {
  const items = itemsOf(value);
  return items.length === 0 ? EVERY_DAY : items.reduce((days, item) => days | parseDayRange(item), 0);
}

function parseDayRange(text: string): DaySet {
  const ends = text.toLowerCase().split('-');
  const first = DAY_NAMES.indexOf(String(ends[0]).trim());
  const last = DAY_NAMES.indexOf(String(ends.at(-1)).trim());
  if (first < 0 || last < 0 || ends.length > 2) {
    throw new Error(
      `Day "${text}" is not known, write sun, mon, tue, wed, thu, fri, sat or a range such as "mon-fri"`,
    );
  }
  let days = 1 << last;
  for (let day = first; day !== last; day = (day + 1) % 7) days |= 1 << day;
  return days;
}

const HOURS = /^(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$/;

/**
 * Reads `09:00-18:00`, several separated by commas, or a list of such; an empty list is the whole day.
 * @throws {Error} naming the text and the fix
 */
export function parseHours(value: string | readonly string[]): readonly HourRange[] {
  const items = itemsOf(value);
  return items.length === 0 ? [WHOLE_DAY] : items.map(parseHourRange);
}

function parseHourRange(text: string): HourRange {
  const match = HOURS.exec(text);
  const start = minuteOf(match?.[1], match?.[2]);
  const end = minuteOf(match?.[3], match?.[4]);
  if (!(start < DAY_MINUTES && end <= DAY_MINUTES)) {
    throw new Error(
      `Hours "${text}" cannot be read, write a range from 00:00 to 24:00 such as "09:00-18:00"`,
    );
  }
  if (start === end) {
    throw new Error(`Hours "${text}" end where they start, write "00:00-24:00" for the whole day`);
  }
  return Object.freeze({ start, end });
}

/** Minutes after midnight; not a number where there are none such. */
function minuteOf(hour: string | undefined, minute: string | undefined): number {
  return Number(minute) < 60 ? Number(hour) * 60 + Number(minute) : Number.NaN;
}

/**
 * Reads dates such as `2026-10-01`, to days since the epoch.
 * @throws {Error} naming the text and the fix
 */
export function parseHolidays(values: readonly string[]): readonly number[] {
  return values.map((text) => {
    const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00Z`) : Number.NaN;
    // Date.parse lets 31 February roll over into March.
    if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(text)) {
      throw new Error(`Holiday "${text}" is no date, write one such as "2026-10-01"`);
    }
    return ms / DAY_MS;
  });
}

function itemsOf(value: string | readonly string[]): string[] {
  return [value]
    .flat()
    .flatMap((item) => item.split(','))
    .map((item) => item.trim());
}

/**
 * `time`: judges when the subject is judged.
 * @throws {Error} where the time zone is not known
 */
export function compileTime(options: TimeOptions): Matcher {
  const { days = EVERY_DAY, hours = [] } = options;
  const ranges = hours.length === 0 ? [WHOLE_DAY] : hours;
  const holidays = new Set(options.holidays);
  const clock = new ZoneClock(parseTimeZone(options.timeZone ?? 'UTC'));

  const canStartOn = (day: number): boolean =>
    (days & (1 << mod(day + EPOCH_WEEKDAY, 7))) !== 0 && !holidays.has(day);

  const holds = ({ start, end }: HourRange, day: number, minute: number): boolean => {
    if (start < end) return minute >= start && minute < end && canStartOn(day);
    return minute >= start ? canStartOn(day) : minute < end && canStartOn(day - 1);
  };

  const holdsAt = (wallMinute: number): boolean => {
    const day = Math.floor(wallMinute / DAY_MINUTES);
    return ranges.some((range) => holds(range, day, wallMinute - day * DAY_MINUTES));
  };

  // Nearly always it is the minute that was asked for before.
  let last = Number.NaN;
  let answer: Tri = Tri.False;
  return Object.freeze<Matcher>({
    key: 'time',
    test: ({ timeMs }) => {
      const wallMinute = Math.floor(clock.wallMs(timeMs) / MINUTE_MS);
      if (wallMinute !== last) answer = triOf(holdsAt(wallMinute));
      last = wallMinute;
      return answer;
    },
  });
}

/** Remainder that is never negative. */
function mod(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
