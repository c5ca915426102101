/**
 * The one place where a record fans out: to the access log and to the metrics. A fault of either ends here, so that
 * recording never harms the transaction it records. Records are settled many at a time: rendering and counting one alone, amid
 * the work of tunnels, takes several times as long as in a row, where its code and data are at hand (bench/NOTES.md).
 */
import type { RecordEntry, Recorder } from './entry.ts';
import type { Metrics } from './metrics.ts';
import type { Log } from './operational-log.ts';
import { type Now, Seldom } from './seldom.ts';

const REPORT_EVERY_MS = 10_000;
/** So many wait at most, */
const BATCH = 128;
/** and for so long. */
const SETTLE_MS = 50;

export interface RecorderParts {
  readonly accessLog: { write(entry: RecordEntry): void };
  readonly metrics: Pick<Metrics, 'observe' | 'logDropped'>;
  /** Where faults are reported. */
  readonly log: Pick<Log, 'error'>;
  readonly now?: Now;
}

/** A record whose line cannot be made counts as a dropped line. */
export class BatchRecorder implements Recorder {
  readonly #parts: RecorderParts;
  readonly #reports: Seldom;
  readonly #waiting: RecordEntry[] = [];
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#reports = new Seldom(REPORT_EVERY_MS, parts.now);
  }

  record(entry: RecordEntry): void {
    this.#waiting.push(entry);
    if (this.#waiting.length >= BATCH) this.settle();
    else this.#timer ??= setTimeout(this.settle, SETTLE_MS);
  }

  /** Hands over all that was recorded so far. To be called before log or metrics are looked at, and at the end. Never throws. */
  readonly settle = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const entry of this.#waiting) this.#handOver(entry);
    this.#waiting.length = 0;
  };

  #handOver(entry: RecordEntry): void {
    const { accessLog, metrics } = this.#parts;
    try {
      accessLog.write(entry);
    } catch (error) {
      metrics.logDropped('access', 1);
      this.#report(error, entry);
    }
    try {
      metrics.observe(entry);
    } catch (error) {
      this.#report(error, entry);
    }
  }

  #report(err: unknown, entry: RecordEntry): void {
    this.#reports.run((suppressed) => {
      const { transactionId } = entry;
      this.#parts.log.error(
        { err, transaction_id: transactionId, suppressed },
        'Cannot record a transaction',
      );
    });
  }
}
