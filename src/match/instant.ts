/** Moments as people write them: RFC 3339, always with the zone, since a time without one is another time elsewhere. */

const FORM = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?))?(Z|[+-]\d{2}:\d{2})$/i;

/**
 * Reads `2026-12-31T18:00+08:00`, seconds or not, or `2026-12-31+08:00`, which is the start of that day; to milliseconds since
 * the epoch.
 * @throws {Error} naming the text and the fix
 */
export function parseInstant(text: string): number {
  const [, date = '', time = '00:00', zone = ''] = FORM.exec(text) ?? [];
  try {
    return Temporal.Instant.from(`${date}T${time}${zone}`).epochMilliseconds;
  } catch (cause) {
    const fix = 'write a time or date with its zone such as "2026-12-31T18:00+08:00" or "2026-12-31Z"';
    throw new Error(`Time "${text}" cannot be read, ${fix}`, { cause });
  }
}

/** Writes what is so many milliseconds after the epoch, in UTC; fractions of a second where there are any. */
export function instantText(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z');
}
