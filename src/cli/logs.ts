/** Logs that a command is given: files, packed or not, and standard input, read as one stream of lines. */
import { createReadStream } from 'node:fs';
import { filesArgument, refuseOddFiles, STANDARD_INPUT } from './command.ts';
import { ProgressBar } from './progress.ts';
import { sizeOf } from './readable.ts';

const CHUNK_BYTES = 262_144;
/** The first few say what is wrong; the rest is counted. */
const BROKEN_SHOWN = 5;

/** What was wrong with the logs themselves. */
export interface LogFaults {
  /** Lines that were told of on standard error, and those that were only counted. */
  readonly broken: number;
  /** Whether a file broke off, so that there may be more. */
  readonly isCut: boolean;
}

/** The logs to read. */
export const logsArgument = filesArgument(
  "Access logs: Weir's JSON, Squid's native, common or combined; gzip too; - is standard input",
);

/**
 * Gives every line of every log to `take`, which returns what is wrong with a broken one.
 * @throws {UsageError} where none is named
 * @throws {InputError} where a file cannot be opened, before anything is read
 */
export async function readLogs(
  logs: readonly string[],
  take: (line: string) => string | undefined,
): Promise<LogFaults> {
  refuseOddFiles(logs, 'log');
  const sizes = await Promise.all(logs.map(bytesIn));
  const isKnown = !logs.includes(STANDARD_INPUT);
  const bar = new ProgressBar(process.stderr, isKnown ? sizes.reduce((sum, size) => sum + size, 0) : 0);
  const reader = new LogReader(take, bar);
  for (const log of logs) await reader.read(log);
  return reader.end();
}

const called = (log: string): string => `log "${log}"`;

/** @throws {InputError} */
async function bytesIn(log: string): Promise<number> {
  return log === STANDARD_INPUT ? 0 : await sizeOf(log, called(log));
}

class LogReader {
  readonly #take: (line: string) => string | undefined;
  readonly #bar: ProgressBar;
  #bytes = 0;
  #lines = 0;
  #broken = 0;
  #isCut = false;

  constructor(take: (line: string) => string | undefined, bar: ProgressBar) {
    this.#take = take;
    this.#bar = bar;
  }

  async read(log: string): Promise<void> {
    const { linesOf } = await import('#study/log-lines.ts');
    let number = 0;
    try {
      for await (const lines of linesOf(this.#counted(log))) {
        for (const line of lines) {
          number += 1;
          const fault = this.#take(line);
          if (fault !== undefined) this.#complain(`${log}:${number}: ${fault}`);
        }
        this.#lines += lines.length;
        this.#bar.show(this.#bytes, `${this.#lines.toLocaleString('en')} lines`);
      }
    } catch (error) {
      // Nothing of what was read is lost; but there may be more.
      this.#isCut = true;
      this.#say(`${log}: breaks off after line ${number}: ${(error as Error).message}`);
    }
  }

  async *#counted(log: string): AsyncGenerator<Buffer> {
    const stream =
      log === STANDARD_INPUT ? process.stdin : createReadStream(log, { highWaterMark: CHUNK_BYTES });
    for await (const chunk of stream) {
      this.#bytes += chunk.length;
      yield chunk;
    }
  }

  #complain(text: string): void {
    this.#broken += 1;
    if (this.#broken <= BROKEN_SHOWN) this.#say(text);
  }

  #say(text: string): void {
    this.#bar.clear();
    process.stderr.write(`${text.replaceAll(/\p{Cc}/gu, '?')}\n`);
  }

  end(): LogFaults {
    const hidden = this.#broken - BROKEN_SHOWN;
    if (hidden > 0) this.#say(`and ${hidden.toLocaleString('en')} more broken lines`);
    this.#bar.clear();
    return { broken: this.#broken, isCut: this.#isCut };
  }
}
