/** Moments as people write them in questions: with an offset, for without one nobody knows whose clock is meant. */

/**
 * Milliseconds since the epoch of a moment such as `2026-11-23T10:00+08:00`.
 * @throws {Error} naming the text and the fix
 */
export function parseInstant(text: string): number {
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch (cause) {
    const fix = 'write one with an offset such as "2026-11-23T10:00+08:00", or with Z for UTC';
    throw new Error(`Time "${text}" cannot be read, ${fix}`, { cause });
  }
}
