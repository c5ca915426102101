/** What every key of an ACL compiles to: one question about a subject. */
import type { Subject } from './subject.ts';
import type { Tri } from './tri.ts';

/** A compiled key of an ACL: pure, immutable, and quick enough to ask per transaction. */
export interface Matcher {
  /** The ACL's key it was compiled from, such as `dstDomains`. */
  readonly key: string;
  /** Whether the key holds for the subject. */
  test(subject: Subject): Tri;
}
