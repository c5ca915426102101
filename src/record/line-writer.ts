/**
 * Appends whole lines to a file or to a standard stream without ever making the caller wait: lines gather for a moment and
 * go out together, the queue is bounded, what does not fit is counted. A write that fails is tried again from where it
 * stopped, so a full disk loses nothing until the queue is full. (SonicBoom, tried first, never tries again once its queue
 * is full, goes silent for good on EPIPE, and cannot end a file that fails.)
 */
import fs from 'node:fs';
import { FILE_CALLS, type FileCalls, openNow, STANDARD_STREAMS } from './log-file.ts';

/** What is written at once. A write is a trip through the thread pool, 75 µs of CPU here, whatever its size. */
const BATCH_CHARS = 256 * 1024;
/** What is made bytes at once: a text of all of a batch would be thousands of pieces far apart, none of which dies young. */
const PIECE_CHARS = 8 * 1024;
/** Of lines that nobody takes. */
const MAX_QUEUED_CHARS = 16 * 1024 * 1024;
const RETRY_MS = 1_000;
/** A pipe or terminal in non-blocking mode that is full for the moment. */
const BUSY_MS = 50;

export interface LineWriterOptions {
  /** `stdout`, `stderr`, or a file, which is made with its folders where it is missing. */
  readonly path: string;
  /** Told how many lines could not be kept. */
  readonly onDrop: (lines: number) => void;
  /** Told each failure; nothing else follows from it. */
  readonly onError: (error: NodeJS.ErrnoException) => void;
  /** Told how many lines have just been written whole. */
  readonly onWritten?: (lines: number) => void;
  /** How long a line waits for company. @default 50 */
  readonly gatherMs?: number;
  /** @default {@link MAX_QUEUED_CHARS} */
  readonly maxQueuedChars?: number;
  /** How long {@link LineWriter.close} waits for what is still to be written. @default 5 s */
  readonly closeTimeoutMs?: number;
  readonly system?: FileCalls;
}

interface Batch {
  readonly bytes: Buffer;
  readonly lines: number;
  readonly chars: number;
  offset: number;
}

export class LineWriter {
  readonly #options: LineWriterOptions;
  readonly #system: FileCalls;
  readonly #isStandard: boolean;
  readonly #maxChars: number;
  #fd: number;
  /** Opened by {@link reopen}; taken into use between two batches. */
  #nextFd: number | undefined = undefined;
  #text = '';
  /** What gathered before it; with it, so many characters in so many lines. */
  #pieces: Buffer[] = [];
  #gathered = 0;
  #lines = 0;
  /** Held in all: gathering, waiting and in flight. */
  #chars = 0;
  readonly #queue: Batch[] = [];
  /** The run of writes that is under way, or the last one. */
  #run: Promise<void> = Promise.resolve();
  #isRunning = false;
  #isClosing = false;
  #gathering: NodeJS.Timeout | undefined = undefined;
  #retry: NodeJS.Timeout | undefined = undefined;
  /** Set by {@link close}: called when nothing is left to write, or nothing can be. */
  #onSettled: (() => void) | undefined = undefined;

  /**
   * Opens the file, or takes the standard stream.
   * @throws {NodeJS.ErrnoException} as the system says
   */
  constructor(options: LineWriterOptions) {
    const standard = STANDARD_STREAMS[options.path];
    this.#options = options;
    this.#system = options.system ?? FILE_CALLS;
    this.#isStandard = standard !== undefined;
    this.#maxChars = options.maxQueuedChars ?? MAX_QUEUED_CHARS;
    this.#fd = standard ?? openNow(options.path);
  }

  /** Characters that it has room for, newlines included. */
  get room(): number {
    return this.#isClosing ? 0 : this.#maxChars - this.#chars;
  }

  /** Takes one line without its newline. Never throws and never waits; drops the line when there is no room for it. */
  write(line: string): void {
    const chars = line.length + 1;
    if (this.#isClosing || this.#chars + chars > this.#maxChars) {
      this.#options.onDrop(1);
      return;
    }
    this.#chars += chars;
    this.#lines += 1;
    this.#gathered += chars;
    this.#text += `${line}\n`;
    if (this.#text.length >= PIECE_CHARS) this.#cut();
    if (this.#gathered >= BATCH_CHARS) this.#send();
    else this.#gathering ??= setTimeout(this.#send, this.#options.gatherMs ?? 50);
  }

  /** Resolves when all lines taken so far are with the kernel, or when writing them has failed. */
  flush(): Promise<void> {
    this.#seal();
    this.#start();
    return this.#run;
  }

  /**
   * Opens the file anew by its name, for log rotation; later batches go there. Where that fails, the old file stays in
   * use. Does nothing on a standard stream. Never rejects.
   */
  async reopen(): Promise<void> {
    if (this.#isStandard) return;
    try {
      const fd = await this.#system.open(this.#options.path);
      const superseded = this.#nextFd;
      this.#nextFd = fd;
      await this.#discard(superseded);
    } catch (error) {
      this.#options.onError(error as NodeJS.ErrnoException);
      return;
    }
    this.#start();
    await this.#run;
  }

  /** Writes what waits while the time allows, drops and counts the rest, and closes the file. Never rejects. */
  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#options.closeTimeoutMs ?? 5_000);
      const onSettled = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#onSettled = onSettled;
      void this.flush();
    });
    clearTimeout(this.#retry);
    this.#dropAll();
    // A write that hangs still holds the descriptor; its number must not be given to anyone else.
    if (this.#isRunning || this.#isStandard) return;
    await this.#discard(this.#nextFd);
    await this.#discard(this.#fd);
  }

  /** For the last moment of a process: writes at once what is not in flight; Node finishes what is. Never throws. */
  flushSync(): void {
    this.#seal();
    for (const batch of this.#queue.splice(this.#isRunning ? 1 : 0)) {
      try {
        fs.writeFileSync(this.#fd, batch.bytes.subarray(batch.offset));
      } catch {
        this.#options.onDrop(batch.lines);
      }
    }
  }

  /** Makes a batch of what has gathered. */
  #seal(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    if (this.#lines === 0) return;
    this.#cut();
    const bytes = Buffer.concat(this.#pieces);
    this.#queue.push({ bytes, lines: this.#lines, chars: this.#gathered, offset: 0 });
    this.#pieces = [];
    this.#gathered = 0;
    this.#lines = 0;
  }

  #cut(): void {
    this.#pieces.push(Buffer.from(this.#text));
    this.#text = '';
  }

  readonly #send = (): void => {
    this.#seal();
    if (this.#retry === undefined) this.#start();
  };

  readonly #start = (): void => {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    if (!this.#isRunning) this.#run = this.#writeAll();
  };

  async #writeAll(): Promise<void> {
    this.#isRunning = true;
    try {
      await this.#adoptNext();
      for (let batch = this.#queue[0]; batch !== undefined; batch = this.#queue[0]) {
        batch.offset += await this.#system.write(this.#fd, batch.bytes, batch.offset);
        if (batch.offset >= batch.bytes.length) {
          this.#queue.shift();
          this.#chars -= batch.chars;
          this.#options.onWritten?.(batch.lines);
        }
        await this.#adoptNext();
      }
      this.#onSettled?.();
    } catch (error) {
      this.#fail(error as NodeJS.ErrnoException);
    } finally {
      this.#isRunning = false;
    }
  }

  /** Takes the reopened file into use; a line cut in two by a short write begins again there. */
  async #adoptNext(): Promise<void> {
    if (this.#nextFd === undefined) return;
    const old = this.#fd;
    this.#fd = this.#nextFd;
    this.#nextFd = undefined;
    const batch = this.#queue[0];
    if (batch !== undefined && batch.offset > 0) {
      batch.offset = batch.bytes.lastIndexOf('\n', batch.offset - 1) + 1;
    }
    await this.#discard(old);
  }

  #fail(error: NodeJS.ErrnoException): void {
    const isBusy = error.code === 'EAGAIN';
    if (!isBusy) this.#options.onError(error);
    if (!isBusy && this.#isClosing) {
      this.#onSettled?.();
      return;
    }
    this.#retry = setTimeout(this.#start, isBusy ? BUSY_MS : RETRY_MS);
    this.#retry.unref();
  }

  #dropAll(): void {
    const lines = this.#queue.splice(0).reduce((sum, batch) => sum + batch.lines, 0);
    if (lines > 0) this.#options.onDrop(lines);
  }

  async #discard(fd: number | undefined): Promise<void> {
    if (fd === undefined) return;
    await this.#system.close(fd).catch(this.#options.onError);
  }
}
