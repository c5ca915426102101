/**
 * Everything that writes down what happens, opened together and closed together: operational log, access log, metrics,
 * and the recorder that feeds the last two.
 */
import process from 'node:process';
import { AccessLog } from './access-log.ts';
import type { Recorder } from './entry.ts';
import type { FileCalls } from './log-file.ts';
import { Metrics } from './metrics.ts';
import { createLog, type Log, type LogOptions } from './operational-log.ts';
import { PeerLog } from './peer-log.ts';
import { BatchRecorder } from './recorder.ts';
import { type AccessFormat, RENDERINGS } from './renderings.ts';

export interface RecordsOptions {
  /** Name of this hop. */
  readonly name: string;
  readonly level: LogOptions['level'];
  /** `stdout` or a file. */
  readonly accessPath: string;
  /** @default json */
  readonly accessFormat?: AccessFormat;
  /** Writes what goes to `stdout`. @default the system */
  readonly standardOutput?: FileCalls | undefined;
}

/** The logs of one process, and what it counts. */
interface Logs {
  readonly log: Log;
  /** What of peers goes to the log. */
  readonly peerLog: PeerLog;
  readonly metrics: Metrics;
  readonly accessLog: AccessLog;
  /** Writes what waits and closes the files. Never rejects. */
  close(): Promise<void>;
}

export interface Records extends Omit<Logs, 'accessLog'> {
  readonly recorder: Recorder;
  /** Opens the log files anew, after they were rotated away. */
  reopen(): Promise<void>;
  /** Resolves when what was recorded so far is written. */
  flush(): Promise<void>;
}

/** Standard output, written by one process for all that serve. */
export interface SharedOutput extends Omit<Logs, 'accessLog'> {
  /** Takes a line of the access log that another process has made. Never waits. */
  writeLine(line: string): void;
}

/** @throws {Error} a log file cannot be opened */
export function openRecords(options: RecordsOptions): Records {
  const { accessLog, ...logs } = openLogs(options, () => recorder.settle());
  const recorder = new BatchRecorder({ ...logs, accessLog });
  logs.metrics.readAfter(recorder.settle);
  return {
    ...logs,
    recorder,
    reopen() {
      recorder.settle();
      return accessLog.reopen();
    },
    flush() {
      recorder.settle();
      return accessLog.flush();
    },
  };
}

export function openSharedOutput(options: Pick<RecordsOptions, 'name' | 'level'>): SharedOutput {
  const { accessLog, ...logs } = openLogs({ ...options, accessPath: 'stdout' }, () => {});
  return { ...logs, writeLine: (line) => accessLog.writeLine(line) };
}

/** `settle` is called before the end, orderly or not: what it writes is still written. */
function openLogs(options: RecordsOptions, settle: () => void): Logs {
  const { name, level, accessPath, accessFormat, standardOutput } = options;
  const metrics = new Metrics();
  const log = createLog({ name, level, onDrop: (lines) => metrics.logDropped('operational', lines) });
  const accessLog = new AccessLog({
    path: accessPath,
    log,
    render: RENDERINGS[accessFormat ?? 'json'],
    onDrop: (lines) => metrics.logDropped('access', lines),
    ...(accessPath === 'stdout' && standardOutput !== undefined && { system: standardOutput }),
  });
  // For an end without warning; after close() there is nothing left to write.
  const onExit = (): void => {
    settle();
    accessLog.flushSync();
  };
  process.once('exit', onExit);
  return {
    log,
    peerLog: new PeerLog(log),
    metrics,
    accessLog,
    async close() {
      settle();
      await accessLog.close();
      process.off('exit', onExit);
    },
  };
}
