/**
 * Time, cut where a time window opens or closes: by every zone's own clock, daylight saving and holidays included, over a
 * year from now. Beyond that year nothing is said.
 */

import type { Subject } from '#match/subject.ts';
import { compileTime, type TimeOptions } from '#match/time.ts';
import { Tri } from '#match/tri.ts';
import { bitOf, Classes, type Partition } from './partition.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Days that are looked at. */
export const HORIZON_DAYS = 366;

export interface TimeMatchers {
  readonly windows: readonly TimeOptions[];
  /** Moments at which something ends, in milliseconds since the epoch: matchers that hold before. */
  readonly ends: readonly number[];
}

/** Classes of the moments from now on, the soonest as samples; the windows are the first matchers, then the ends. */
export function partitionMoments(nowMs: number, { windows, ends }: TimeMatchers): Partition<number> {
  const untilMs = nowMs + HORIZON_DAYS * DAY_MS;
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
  const edges = new Set([
    nowMs,
    ...ends,
    ...windows.flatMap((window) => [...edgesOf(window, nowMs, untilMs)]),
  ]);
  const classes = new Classes<number>();
  for (const edge of [...edges].sort((a, b) => a - b)) {
    if (edge < nowMs || edge >= untilMs) continue;
    let signature = 0n;
    for (const [matcher, test] of tests.entries()) if (test(edge)) signature |= bitOf(matcher);
    classes.add(signature, edge);
  }
  return classes.partition(tests.length);
}

/** Every moment at which the window may open or close, and some at which it does not. */
function* edgesOf(
  { hours = [], timeZone = 'UTC' }: TimeOptions,
  nowMs: number,
  untilMs: number,
): Generator<number> {
  const minutes = new Set([0, ...hours.flatMap(({ start, end }) => [start, end])]);
  const { changes, offsets } = clockOf(timeZone, nowMs, untilMs);
  yield* changes;
  for (const offset of offsets) {
    const firstDay = Math.floor((nowMs + offset) / DAY_MS);
    for (let day = firstDay; day <= firstDay + HORIZON_DAYS; day += 1) {
      for (const minute of minutes) yield day * DAY_MS + minute * MINUTE_MS - offset;
    }
  }
}

/** When the zone's clock is set, and what it is ahead of UTC in between. */
function clockOf(
  timeZone: string,
  nowMs: number,
  untilMs: number,
): { changes: number[]; offsets: Set<number> } {
  const changes: number[] = [];
  let at: Temporal.ZonedDateTime | null =
    Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone);
  const offsets = new Set<number>();
  while (at !== null && at.epochMilliseconds < untilMs) {
    offsets.add(at.offsetNanoseconds / 1_000_000);
    changes.push(at.epochMilliseconds);
    at = at.getTimeZoneTransition('next');
  }
  return { changes, offsets };
}
