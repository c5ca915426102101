/**
 * Time, cut where a time window opens or closes: by every zone's own clock, daylight saving and holidays included, over a
 * year from now, and over a year from each moment at which a rule ends. Between such years nothing is said that they do not say.
 */
import type { Subject } from '#match/subject.ts';
import { compileTime, type TimeOptions } from '#match/time.ts';
import { Tri } from '#match/tri.ts';
import { bitOf, Classes, type Partition } from './partition.ts';
import { OverBudget } from './regions.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Days that are looked at from one moment on. */
export const HORIZON_DAYS = 366;

/** Moments times matchers: a second of work. */
const MAX_TESTS = 20_000_000;

export interface TimeMatchers {
  readonly windows: readonly TimeOptions[];
  /** Moments at which something ends, in milliseconds since the epoch: matchers that hold before. */
  readonly ends: readonly number[];
}

/** A time that is looked at; the end is exclusive. */
interface Period {
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * Classes of the moments from now on, the soonest as samples; the windows are the first matchers, then the ends.
 * @throws {OverBudget}
 */
export function partitionMoments(nowMs: number, { windows, ends }: TimeMatchers): Partition<number> {
  const tests = [
    ...windows.map((window) => {
      const { test } = compileTime(window);
      return (timeMs: number): boolean => test({ timeMs } as Subject) === Tri.True;
    }),
    ...ends.map(
      (end) =>
        (timeMs: number): boolean =>
          timeMs < end,
    ),
  ];
  const starts = [nowMs, ...ends.filter((end) => end > nowMs)].sort((a, b) => a - b);
  const edges = new Set(starts);
  for (const edge of edgesIn(windows, periodsFrom(starts))) {
    if (edges.add(edge).size * tests.length > MAX_TESTS) throw new OverBudget();
  }
  const classes = new Classes<number>();
  for (const edge of [...edges].sort((a, b) => a - b)) {
    let signature = 0n;
    for (const [matcher, test] of tests.entries()) if (test(edge)) signature |= bitOf(matcher);
    classes.add(signature, edge);
  }
  return classes.partition(tests.length);
}

/** A year from each start on, those that touch as one; the starts are in ascending order. */
function periodsFrom(starts: readonly number[]): Period[] {
  const periods: Period[] = [];
  for (const start of starts) {
    const last = periods.at(-1);
    const touches = last !== undefined && start <= last.untilMs;
    const fromMs = touches ? last.fromMs : start;
    periods.splice(touches ? -1 : periods.length, 1, { fromMs, untilMs: start + HORIZON_DAYS * DAY_MS });
  }
  return periods;
}

function* edgesIn(windows: readonly TimeOptions[], periods: readonly Period[]): Generator<number> {
  for (const window of windows) {
    for (const period of periods) {
      for (const edge of edgesOf(window, period)) {
        if (edge >= period.fromMs && edge < period.untilMs) yield edge;
      }
    }
  }
}

/** Every moment at which the window may open or close, and some at which it does not or that are just outside. */
function* edgesOf({ hours = [], timeZone = 'UTC' }: TimeOptions, period: Period): Generator<number> {
  const minutes = new Set([0, ...hours.flatMap(({ start, end }) => [start, end])]);
  const { changes, offsets } = clockOf(timeZone, period);
  yield* changes;
  for (const offset of offsets) {
    const firstDay = Math.floor((period.fromMs + offset) / DAY_MS);
    const lastDay = Math.floor((period.untilMs + offset) / DAY_MS);
    for (let day = firstDay; day <= lastDay; day += 1) {
      for (const minute of minutes) yield day * DAY_MS + minute * MINUTE_MS - offset;
    }
  }
}

/** When the zone's clock is set, and what it is ahead of UTC in between. */
function clockOf(timeZone: string, { fromMs, untilMs }: Period): { changes: number[]; offsets: Set<number> } {
  const changes: number[] = [];
  let at: Temporal.ZonedDateTime | null =
    Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(timeZone);
  const offsets = new Set<number>();
  while (at !== null && at.epochMilliseconds < untilMs) {
    offsets.add(at.offsetNanoseconds / 1_000_000);
    changes.push(at.epochMilliseconds);
    at = at.getTimeZoneTransition('next');
  }
  return { changes, offsets };
}
