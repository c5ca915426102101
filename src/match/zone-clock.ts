/**
 * What the clock on the wall shows in a time zone. Asking the zone's rules costs microseconds, so the offset is kept
 * until the zone next changes it; that is a cache of a pure function, and the answer never depends on earlier questions.
 */

/**
 * Checks that the time zone database knows the name.
 * @throws {Error} naming the text and the fix
 */
export function parseTimeZone(text: string): string {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text);
  } catch (cause) {
    const fix = 'write an IANA name such as "Asia/Shanghai" or "UTC"';
    throw new Error(`Time zone "${text}" is not known, ${fix}`, { cause });
  }
  return text;
}

/** Wall clock of one time zone. */
export class ZoneClock {
  readonly #timeZone: string;
  #offsetMs = 0;
  #fromMs = Number.POSITIVE_INFINITY;
  #untilMs = Number.NEGATIVE_INFINITY;

  /** @param timeZone as {@link parseTimeZone} lets pass */
  constructor(timeZone: string) {
    this.#timeZone = timeZone;
  }

  /** Milliseconds that a clock in UTC would have to show in order to show the same date and time. */
  wallMs(timeMs: number): number {
    if (timeMs < this.#fromMs || timeMs >= this.#untilMs) this.#load(timeMs);
    return timeMs + this.#offsetMs;
  }

  #load(timeMs: number): void {
    const now = Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(this.#timeZone);
    this.#offsetMs = now.offsetNanoseconds / 1_000_000;
    // The previous transition is strictly before the moment asked about, and one at `timeMs` itself has to count.
    const previous = now.add({ milliseconds: 1 }).getTimeZoneTransition('previous');
    this.#fromMs = previous?.epochMilliseconds ?? Number.NEGATIVE_INFINITY;
    this.#untilMs = now.getTimeZoneTransition('next')?.epochMilliseconds ?? Number.POSITIVE_INFINITY;
  }
}
