/**
 * What keeps an audit trail, as those see it who have something to put in: this process (audit-log.ts), or another one of the same host
 * (remote-trail.ts).
 */
import type { Body } from './canonical.ts';

export interface Trail {
  /** Whether what is put in just now would not be written. */
  readonly isFailing: boolean;
  /** Takes a record. Never throws and never waits; false where there is no room for it, which is counted. */
  append(body: Body): boolean;
  /** Resolves when all that was taken so far is with the kernel. @throws {Error} where that fails; it may still come later */
  written(): Promise<void>;
}
