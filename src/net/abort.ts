/**
 * A cheap stand-in for AbortSignal on the data path: one reason, and one listener at a time, because the steps of a
 * transaction follow each other. (An AbortController is an EventTarget: too dear for each tunnel.)
 */
import type { ProxyError } from '#errors.ts';

export class Abort {
  /** Why; undefined while all is well. */
  reason: ProxyError | undefined = undefined;
  #listener: ((reason: ProxyError) => void) | undefined = undefined;

  /** Stops the current step, and every later one before it begins. Later calls change nothing. */
  abort(reason: ProxyError): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    this.#listener?.(reason);
  }

  /** Replaces the listener; it is called at most once, at once where the abort has already happened. */
  listen(listener: ((reason: ProxyError) => void) | undefined): void {
    this.#listener = listener;
    if (this.reason !== undefined) listener?.(this.reason);
  }

  /**
   * Waits for `work`, but no longer than until the abort; what `work` comes to then is nobody's.
   * @throws {ProxyError} the reason
   */
  async race<T>(work: Promise<T>): Promise<T> {
    const aborted = Promise.withResolvers<never>();
    this.listen(aborted.reject);
    try {
      return await Promise.race([work, aborted.promise]);
    } finally {
      this.listen(undefined);
    }
  }

  /** @throws {ProxyError} the reason, where there is one */
  check(): void {
    if (this.reason !== undefined) throw this.reason;
  }
}
