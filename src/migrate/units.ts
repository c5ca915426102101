/** Times as Squid writes them: a number and a word, several of them in a row, seconds where the word is missing. */

const UNITS: readonly (readonly [pattern: RegExp, ms: number])[] = [
  [/^nanoseconds?$/, 1e-6],
  [/^microseconds?$/, 1e-3],
  [/^milliseconds?$/, 1],
  [/^seconds?$/, 1000],
  [/^minutes?$/, 60_000],
  [/^hours?$/, 3_600_000],
  [/^days?$/, 86_400_000],
  [/^weeks?$/, 604_800_000],
  [/^fortnights?$/, 1_209_600_000],
  [/^months?$/, 2_592_000_000],
  [/^years?$/, 31_557_790_080],
  [/^decades?$/, 315_577_900_800],
];

/** Weir has no longer one. */
const LONGEST_MS = 24 * 86_400_000;

/** A time as Weir writes it. */
export interface SquidTime {
  /** With a unit. */
  readonly text: string;
  readonly ms: number;
  readonly isCut: boolean;
}

/** Reads a number with its unit; undefined where it is none. */
export function parseTime([number = '', unit = 'seconds']: readonly string[]): SquidTime | undefined {
  const factor = UNITS.find(([pattern]) => pattern.test(unit.toLowerCase()))?.[1];
  if (factor === undefined || !/^\d+(?:\.\d+)?$/.test(number)) return undefined;
  const wanted = Math.round(Number(number) * factor);
  const ms = Math.min(wanted, LONGEST_MS);
  return { text: durationText(ms), ms, isCut: ms < wanted };
}

/** The largest unit that leaves a whole number. */
function durationText(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const;
  const [unit, length] = units.find(([, size]) => ms > 0 && ms % size === 0) ?? ['ms', 1];
  return ms === 0 ? '0s' : `${ms / length}${unit}`;
}
