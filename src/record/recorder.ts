/**
 * The one place where a record fans out: to the access log and to the metrics. A fault of either ends here, so that
 * recording never harms the transaction it records.
 */
import type { RecordEntry, Recorder } from './entry.ts';
import type { Metrics } from './metrics.ts';
import type { Log } from './operational-log.ts';
import { type Now, Seldom } from './seldom.ts';

const REPORT_EVERY_MS = 10_000;

export interface RecorderParts {
  readonly accessLog: { write(entry: RecordEntry): void };
  readonly metrics: Pick<Metrics, 'observe' | 'logDropped'>;
  /** Where faults are reported. */
  readonly log: Pick<Log, 'error'>;
  readonly now?: Now;
}

/** A record whose line cannot be made counts as a dropped line. */
export function createRecorder({ accessLog, metrics, log, now }: RecorderParts): Recorder {
  const reports = new Seldom(REPORT_EVERY_MS, now);
  const report = (err: unknown, entry: RecordEntry): void => {
    reports.run((suppressed) => {
      log.error({ err, transaction_id: entry.transactionId, suppressed }, 'Cannot record a transaction');
    });
  };
  return {
    record(entry) {
      try {
        accessLog.write(entry);
      } catch (error) {
        metrics.logDropped('access', 1);
        report(error, entry);
      }
      try {
        metrics.observe(entry);
      } catch (error) {
        report(error, entry);
      }
    },
  };
}
