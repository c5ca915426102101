/**
 * Assertions that were used, in a file that all processes of a host append to: the kernel puts what they append in one order, and
 * of those who used the same assertion the first in the file is the one. That takes one write and one read, where asking
 * another process would take two messages and their time (docs/adr/0016). What is in the file outlives the processes.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { ProxyError } from '#errors.ts';
import { MarkSet } from './mark-set.ts';

const MARK_BYTES = 8;
/** A mark, and who has written it. */
const ENTRY_BYTES = 16;

/** What the others have appended since is mostly little. */
const chunk = Buffer.alloc(1024 * ENTRY_BYTES);

export class UsedLog {
  readonly #fd: number;
  readonly #marks: MarkSet;
  /** What this one appends. */
  readonly #entry = Buffer.concat([Buffer.alloc(MARK_BYTES), randomBytes(ENTRY_BYTES - MARK_BYTES)]);
  /** How much of the file it has read. */
  #readBytes = 0;

  /** At most `maxUsed` are told apart. @throws {ProxyError} `assertion_unchecked` where the file cannot be opened */
  constructor(file: string, maxUsed: number) {
    this.#marks = new MarkSet(maxUsed);
    try {
      this.#fd = openSync(file, 'a+', 0o600);
    } catch (cause) {
      throw unknown(cause as Error);
    }
  }

  /**
   * Notes that the assertion whose mark `mark` begins with is used.
   * @returns whether it was not used before, by any process
   * @throws {ProxyError} `assertion_unchecked` where that cannot be known
   */
  use(mark: Buffer): boolean {
    // What is known already need not grow the file.
    if (this.#marks.has(mark, 0)) return false;
    for (let i = 0; i < MARK_BYTES; i += 1) this.#entry[i] = mark[i] as number;
    try {
      this.#refuseFull();
      this.#append();
      const isFirst = this.#readUpToOwn();
      this.#refuseFull();
      return isFirst;
    } catch (cause) {
      throw unknown(cause as Error);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Of what is beyond, some would count as the first. */
  #refuseFull(): void {
    if (this.#marks.isFull) throw new Error('There are more than can be told apart');
  }

  #append(): void {
    const written = writeSync(this.#fd, this.#entry);
    // The file is out of step from here on, and nothing that comes behind will be found in it.
    if (written !== ENTRY_BYTES) throw new Error(`Only ${written} bytes of ${ENTRY_BYTES} could be written`);
  }

  /** Reads what is new in the file. @returns whether its own entry was the first with its mark */
  #readUpToOwn(): boolean {
    for (;;) {
      const bytes = readSync(this.#fd, chunk, 0, chunk.length, this.#readBytes);
      const whole = bytes - (bytes % ENTRY_BYTES);
      if (whole === 0) throw new Error('What was written cannot be read');
      const isFirst = this.#take(whole);
      this.#readBytes += whole;
      if (isFirst !== undefined) return isFirst;
    }
  }

  /** Undefined where its own entry is not among them. */
  #take(bytes: number): boolean | undefined {
    let isFirst: boolean | undefined;
    for (let at = 0; at < bytes; at += ENTRY_BYTES) {
      const isNew = this.#marks.add(chunk, at);
      if (isAt(at, this.#entry)) isFirst = isNew;
    }
    return isFirst;
  }
}

/** Whether `entry` is what the chunk has at `at`. Byte by byte: sixteen of them are not worth a call of Node's. */
function isAt(at: number, entry: Buffer): boolean {
  for (let i = 0; i < ENTRY_BYTES; i += 1) if (chunk[at + i] !== entry[i]) return false;
  return true;
}

function unknown(cause: Error): ProxyError {
  const detail = `Cannot tell whether Weir-Identity was used before: ${cause.message}`;
  return new ProxyError('assertion_unchecked', { detail, cause });
}
