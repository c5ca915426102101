/**
 * Durations as they are written in a configuration file. A unit is always required: a bare number leaves the reader to
 * guess, and the guess differs between milliseconds and seconds.
 */

const MS_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** Node's timers hold 31 bits of milliseconds and fire at once beyond them, so nothing longer is accepted. */
const LONGEST_MS = 24 * 86_400_000;

/**
 * Milliseconds of a duration such as `500ms`, `30s`, `15m`, `24h` or `1d`.
 * @throws {Error} naming the text and the fix
 */
export function parseDuration(text: string): number {
  const [, digits, unit] = /^(\d{1,15})([a-z]+)$/.exec(text) ?? [];
  const unitMs = MS_PER_UNIT.get(unit ?? '');
  if (unitMs === undefined) {
    throw new Error(
      `Duration "${text}" cannot be read, write a whole number with a unit (ms, s, m, h, d) such as "30s"`,
    );
  }
  const ms = Number(digits) * unitMs;
  if (ms > LONGEST_MS) throw new Error(`Duration "${text}" is too long, write at most "24d"`);
  return ms;
}
