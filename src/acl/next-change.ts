/** When the policy next changes by itself, because time passes. */
import type { Acl } from '#match/acl.ts';
import type { Subject } from '#match/subject.ts';
import type { Policy } from './policy.ts';

/** Hours of a day are told to the minute, and so is the difference of every time zone in use. */
const MINUTE_MS = 60_000;
/** So far ahead is looked; who asks again by then misses nothing. */
export const HORIZON_MS = 60 * MINUTE_MS;

/** Milliseconds since the epoch, within {@link HORIZON_MS}; infinite where nothing changes so soon. */
export function nextChangeMs({ acls, rules }: Policy, nowMs: number): number {
  const times = [...acls.values()].flatMap(timesOf);
  const ends = rules
    .map(({ untilMs }) => untilMs)
    .filter((untilMs) => untilMs > nowMs && untilMs <= nowMs + HORIZON_MS);
  return Math.min(...times.map((time) => changeOf(time, nowMs)), ...ends);
}

/** What an ACL asks of the time. */
type TimeTest = (timeMs: number) => number;

function timesOf({ matchers }: Acl): TimeTest[] {
  return (
    matchers
      .filter(({ key }) => key === 'time')
      // Of a subject it sees nothing else.
      .map((matcher) => (timeMs) => matcher.test({ timeMs } as Subject))
  );
}

function changeOf(test: TimeTest, nowMs: number): number {
  const before = test(nowMs);
  let atMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  while (atMs < nowMs + HORIZON_MS) {
    atMs += MINUTE_MS;
    if (test(atMs) !== before) return atMs;
  }
  return Number.POSITIVE_INFINITY;
}
