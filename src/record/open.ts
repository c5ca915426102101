/**
 * Everything that writes down what happens, opened together and closed together: operational log, access log, metrics,
 * and the recorder that feeds the last two.
 */
import process from 'node:process';
import { AccessLog } from './access-log.ts';
import type { Recorder } from './entry.ts';
import { Metrics } from './metrics.ts';
import { createLog, type Log, type LogOptions } from './operational-log.ts';
import { createRecorder } from './recorder.ts';

export interface RecordsOptions {
  /** Name of this hop. */
  readonly name: string;
  readonly level: LogOptions['level'];
  /** `stdout` or a file. */
  readonly accessPath: string;
}

export interface Records {
  readonly log: Log;
  readonly recorder: Recorder;
  readonly metrics: Metrics;
  /** Opens the log files anew, after they were rotated away. */
  reopen(): Promise<void>;
  /** Writes what waits and closes the files. Never rejects. */
  close(): Promise<void>;
}

/** @throws {Error} a log file cannot be opened */
export function openRecords({ name, level, accessPath }: RecordsOptions): Records {
  const metrics = new Metrics();
  const log = createLog({ name, level, onDrop: (lines) => metrics.logDropped('operational', lines) });
  const accessLog = new AccessLog({
    path: accessPath,
    log,
    onDrop: (lines) => metrics.logDropped('access', lines),
  });
  // For an end without warning; after close() there is nothing left to write.
  const onExit = (): void => accessLog.flushSync();
  process.once('exit', onExit);
  return {
    log,
    metrics,
    recorder: createRecorder({ accessLog, metrics, log }),
    reopen: () => accessLog.reopen(),
    async close() {
      await accessLog.close();
      process.off('exit', onExit);
    },
  };
}
