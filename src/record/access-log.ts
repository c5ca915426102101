/**
 * The access log: renders each record and appends it to its file. Decides what an operator is told when lines cannot be
 * written; how they are written is line-writer's business.
 */
import type { RecordEntry } from './entry.ts';
import { LineWriter, type LineWriterOptions } from './line-writer.ts';
import type { Log } from './operational-log.ts';
import { renderJson } from './render-json.ts';
import type { Rendering } from './renderings.ts';
import { type Now, Seldom } from './seldom.ts';

/** A disk that is full fails every second; an operator needs to read it once in a while. */
const REPORT_EVERY_MS = 10_000;

export interface AccessLogOptions
  extends Pick<LineWriterOptions, 'path' | 'maxQueuedChars' | 'closeTimeoutMs' | 'system'> {
  readonly log: Log;
  /** @default renderJson */
  readonly render?: Rendering;
  /** Told how many lines have just been lost. */
  readonly onDrop?: (lines: number) => void;
  readonly now?: Now;
}

export class AccessLog {
  readonly #writer: LineWriter;
  readonly #render: Rendering;
  readonly #losses: Losses;

  /**
   * Opens the log for append and makes missing folders.
   * @throws {Error} naming the file, with what the system says
   */
  constructor(options: AccessLogOptions) {
    this.#render = options.render ?? renderJson;
    this.#losses = new Losses(options);
    const { onDrop, onError } = this.#losses;
    try {
      this.#writer = new LineWriter({ ...options, onDrop, onError });
    } catch (cause) {
      throw new Error(`Cannot open access log "${options.path}": ${(cause as Error).message}`, { cause });
    }
  }

  /** Lines that were lost since the start. */
  get dropped(): number {
    return this.#losses.count;
  }

  /** Takes one record. Never waits; throws only what the rendering throws. */
  write(entry: RecordEntry): void {
    const line = this.#render(entry);
    if (line !== '') this.#writer.write(line);
  }

  /** Takes a line that another process has rendered. Never waits. */
  writeLine(line: string): void {
    this.#writer.write(line);
  }

  /** Opens the file anew by its name, after it was rotated away; keeps the old one where that fails. Never rejects. */
  reopen(): Promise<void> {
    return this.#writer.reopen();
  }

  /** Resolves when what was taken so far is written, or when writing it has failed. */
  flush(): Promise<void> {
    return this.#writer.flush();
  }

  /** Writes everything, for a few seconds at most, and closes the file. Never rejects. */
  close(): Promise<void> {
    return this.#writer.close();
  }

  /** For a process that is about to end without warning: writes what it can at once. */
  flushSync(): void {
    this.#writer.flushSync();
  }
}

/** Counts what is lost and says so, seldom. */
class Losses {
  count = 0;
  readonly #options: AccessLogOptions;
  readonly #reports: Seldom;

  constructor(options: AccessLogOptions) {
    this.#options = options;
    this.#reports = new Seldom(REPORT_EVERY_MS, options.now);
  }

  readonly onDrop = (lines: number): void => {
    this.count += lines;
    this.#options.onDrop?.(lines);
    this.#report('Access log lost lines', undefined);
  };

  readonly onError = (err: NodeJS.ErrnoException): void => {
    this.#report('Cannot write access log', err);
  };

  #report(message: string, err: Error | undefined): void {
    this.#reports.run((suppressed) => {
      this.#options.log.error({ err, path: this.#options.path, dropped: this.count, suppressed }, message);
    });
  }
}
