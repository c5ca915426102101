/**
 * The operational log: what the program itself has to say, as JSON lines on standard error. Decides its form and which
 * fields never appear; what is worth saying is for those who are handed the {@link Log}.
 */
import process from 'node:process';
import { type DestinationStream, type LevelWithSilent, type Logger, pino } from 'pino';
import { LineWriter } from './line-writer.ts';
import { redactUrl } from './redact.ts';

/** What everybody else takes as a parameter. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

export interface LogOptions {
  readonly level: LevelWithSilent;
  /** Name of this hop. */
  readonly name: string;
  /** Told how many lines standard error did not take. */
  readonly onDrop?: (lines: number) => void;
  /** Where the lines go, newline included. @default standard error */
  readonly destination?: DestinationStream;
}

/** Fields that carry credentials wherever they appear, at the top or one level down. */
const SECRETS = [
  'authorization',
  'proxyAuthorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'password',
  'secret',
  'token',
  'key',
  'weir-identity',
];

/** Without a destination the lines go out asynchronously, and what is left at exit is written then. */
export function createLog(options: LogOptions): Logger {
  const { level, name, destination = standardError(options.onDrop) } = options;
  return pino(
    {
      level,
      base: { hop: name, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { url: (url: unknown) => redactUrl(String(url)) },
      redact: { paths: SECRETS.flatMap((key) => [`["${key}"]`, `*["${key}"]`]), censor: '[redacted]' },
    },
    destination,
  );
}

/** There is nobody to tell why standard error fails, so only the loss is counted. */
function standardError(onDrop: (lines: number) => void = () => {}): DestinationStream {
  const bounds = { gatherMs: 1, maxQueuedChars: 1024 * 1024 };
  const writer = new LineWriter({ path: 'stderr', onDrop, onError: () => {}, ...bounds });
  process.once('exit', () => writer.flushSync());
  return { write: (line) => writer.write(line.slice(0, -1)) };
}
