/**
 * `time` of Squid: letters for days and ranges of minutes on the clock of its machine. Honoured as Squid means it: days
 * bind only to the range behind them, a range without days is for every day, and the last minute is included.
 */
import type { AclValue, Outcome, SquidAcl, Translate } from './acl-values.ts';
import type { AclDraft } from './draft.ts';
import type { Tell } from './finding.ts';
import type { Statement } from './statement.ts';

const DAYS: Readonly<Record<string, readonly string[]>> = {
  S: ['sun'],
  M: ['mon'],
  T: ['tue'],
  W: ['wed'],
  H: ['thu'],
  F: ['fri'],
  A: ['sat'],
  D: ['mon', 'tue', 'wed', 'thu', 'fri'],
  '-': [],
};

const HOURS = /^(\d{1,2}):(\d{1,2})-(\d{1,2}):(\d{1,2})$/;
const DAY_MINUTES = 24 * 60;

interface Window {
  readonly days: readonly string[];
  readonly hours: string | undefined;
}

/** `time`, on the clock of `timeZone`. */
export function times(timeZone: string): Translate {
  return (acl, tell) => {
    const windows: Window[] = [];
    for (const [at, values] of byLine(acl)) {
      const read = windowsOf(values, tell);
      if (read === undefined) return { unknown: 'its hours cannot be read' };
      windows.push(...read);
      const message = `Squid goes by the clock of its machine; taken to be ${timeZone}. Name another with --time-zone`;
      tell(at, 'changed', message);
    }
    return outcomeOf(windows, timeZone);
  };
}

function byLine(acl: SquidAcl): Map<Statement, AclValue[]> {
  const lines = new Map<Statement, AclValue[]>();
  for (const value of acl.values) lines.set(value.at, [...(lines.get(value.at) ?? []), value]);
  return lines;
}

/** The windows of one line; undefined where Squid would not start. */
function windowsOf(values: readonly AclValue[], tell: Tell): Window[] | undefined {
  const windows: Window[] = [];
  let days: string[] = [];
  for (const { text, at } of values) {
    if (!/^\d/.test(text)) {
      days.push(...daysOf(text, at, tell));
      continue;
    }
    const hours = hoursOf(text);
    if (hours === undefined) {
      tell(
        at,
        'error',
        `"${text}" is no range of hours from earlier to later; one over midnight is two ranges in Squid`,
      );
      return undefined;
    }
    if (days.length === 0 && windows.length > 0) tellEveryDay(text, at, tell);
    windows.push({ days, hours });
    days = [];
  }
  if (days.length > 0) windows.push({ days, hours: undefined });
  return windows;
}

function tellEveryDay(text: string, at: Statement, tell: Tell): void {
  const message = `Squid binds days to the range behind them alone, so that "${text}" holds on every day, and so it does here. If the days were meant for it too, name them again`;
  tell(at, 'dangerous', message);
}

function daysOf(text: string, at: Statement, tell: Tell): string[] {
  return [...text].flatMap((letter) => {
    const days = DAYS[letter];
    if (days === undefined)
      tell(at, 'error', `"${letter}" is no day; Squid complains and goes on without it`);
    return days ?? [];
  });
}

/** Weir's end is not included: it is the minute after Squid's. */
function hoursOf(text: string): string | undefined {
  const [, ...parts] = HOURS.exec(text) ?? [];
  const [hour = 24, minute = 0, endHour = 24, endMinute = 0] = parts.map(Number);
  const [start, end] = [hour * 60 + minute, endHour * 60 + endMinute];
  const isValid = hour < 24 && minute < 60 && endMinute < 60 && end <= DAY_MINUTES && start <= end;
  return isValid ? `${clockText(start)}-${clockText(Math.min(end + 1, DAY_MINUTES))}` : undefined;
}

function clockText(minutes: number): string {
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

/** Windows of the same days share an ACL. */
function outcomeOf(windows: readonly Window[], timeZone: string): Outcome {
  const hoursByDays = new Map<string, (string | undefined)[]>();
  for (const { days, hours } of windows) {
    const key = [...new Set(days)].join(',');
    hoursByDays.set(key, [...(hoursByDays.get(key) ?? []), hours]);
  }
  const any = [...hoursByDays].map(([days, hours]): AclDraft => {
    const whole = hours.includes(undefined) ? [] : hours;
    return {
      time: {
        ...(days === '' ? {} : { days }),
        ...(whole.length === 0 ? {} : { hours: whole.length === 1 ? whole[0] : whole }),
        timeZone,
      },
    };
  });
  return any.length === 0 ? { constant: false } : { any };
}
