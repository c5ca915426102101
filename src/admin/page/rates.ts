/** What happens a second, by two looks at counters: each view of the page is one, and no clock runs between them. */
import type { Scrape } from './exposition.ts';

/** Counted up since the start. */
export interface Counts {
  readonly requests: number;
  readonly refusals: number;
  readonly failures: number;
  readonly bytes: number;
}

interface Look {
  readonly atMs: number;
  readonly counts: Counts;
}

/** A look is held against one of at least so long before. */
const MIN_SPAN_MS = 1000;
/** One that is older tells nothing of now. */
const LONGEST_SPAN_MS = 60_000;

export function countsIn(scrape: Scrape): Counts {
  const ended = (outcome: string): number => scrape.sum('weir_requests_total', { outcome });
  return {
    requests: scrape.sum('weir_requests_total'),
    refusals: ended('denied') + ended('limited'),
    failures: ended('failed'),
    bytes: scrape.sum('weir_bytes_total'),
  };
}

export class Rates {
  #base: Look | undefined = undefined;
  #last: Look | undefined = undefined;

  /** Looks again. @returns what happened a second since an earlier look; undefined where none is of use */
  look(counts: Counts, atMs: number): Counts | undefined {
    const now = { atMs, counts };
    if (this.#last === undefined || atMs - this.#last.atMs >= MIN_SPAN_MS) {
      this.#base = this.#last;
      this.#last = now;
    }
    const base = this.#base;
    return base === undefined || atMs - base.atMs > LONGEST_SPAN_MS ? undefined : between(base, now);
  }
}

/** A counter that went back, as after a worker's end, counts for nothing. */
function between(base: Look, now: Look): Counts {
  const seconds = (now.atMs - base.atMs) / 1000;
  const rate = (key: keyof Counts): number => Math.max(0, now.counts[key] - base.counts[key]) / seconds;
  return {
    requests: rate('requests'),
    refusals: rate('refusals'),
    failures: rate('failures'),
    bytes: rate('bytes'),
  };
}
