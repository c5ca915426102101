/**
 * Where relayed bytes are read into. Quiet legs share one scratch buffer whose content is copied before the next read;
 * a leg that fills it gets a large buffer of its own, whose content is written without a copy. Large buffers are
 * bounded in number, since a page once touched stays resident (docs/adr/0005); when none is left a leg stays on scratch.
 */

/** Size of the shared scratch buffer; also the least that a read must bring, time after time, to earn an own buffer. */
export const SCRATCH_BYTES = 64 * 1024;
/** 0.70 / 0.62 of Squid's CPU per GB with 1 / 16 tunnels, against 0.85 / 0.78 with 64 KiB (docs/adr/0005). */
export const LARGE_BYTES = 256 * 1024;
/** Of the large ones. */
const MAX_LENT = 64;
/** Lengths of which a part of the scratch buffer is kept; what is read is often as long as something before. */
const PARTS = 64;

export class BufferPool {
  /** Shared by every leg that has none of its own; content is valid only until the reading callback returns. */
  readonly scratch: Buffer = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  /** Beginnings of it, by their length. */
  readonly #parts: Buffer[] = new Array(PARTS).fill(this.scratch);
  readonly #free: Buffer[] = [];
  readonly #limit: number;
  #lent = 0;

  constructor(limit = MAX_LENT) {
    this.#limit = limit;
  }

  /** Large buffers lent out now. */
  get lent(): number {
    return this.#lent;
  }

  /** The first `length` bytes of {@link scratch}. */
  partOfScratch(length: number): Buffer {
    const place = length % PARTS;
    const kept = this.#parts[place] as Buffer;
    if (kept.length === length) return kept;
    const part = this.scratch.subarray(0, length);
    this.#parts[place] = part;
    return part;
  }

  /** A large buffer that the caller owns until {@link giveBack}; undefined when all are lent. */
  take(): Buffer | undefined {
    if (this.#lent >= this.#limit) return undefined;
    this.#lent += 1;
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(LARGE_BYTES);
  }

  /** Returns a buffer that no pending write holds any more. */
  giveBack(buffer: Buffer): void {
    this.#lent -= 1;
    this.#free.push(buffer);
  }
}
