/**
 * The body of an answer that is still coming, for all who read it meanwhile: kept whole where it is to be kept, else only as far as
 * the slowest reader has yet to read. Owns the bytes; who sends and who reads come and go.
 */

/** What may wait for the slowest reader of a body that is not kept. */
const WINDOW_BYTES = 256 * 1024;
const LEAST_CAPACITY = 16 * 1024;

export interface GrowingBodyOptions {
  /** As the head says; undefined where it does not. */
  readonly length: number | undefined;
  /** More is not kept. */
  readonly maxBytes: number;
  /** Asks for room to keep so many bytes more; false: it is not kept any more. */
  readonly makeRoom: (bytes: number) => boolean;
  /** Told that what waits has become less. */
  readonly onDrain: () => void;
}

/** Reads one body from its beginning. */
export class BodyReader {
  readonly #body: GrowingBody;
  position = 0;

  constructor(body: GrowingBody) {
    this.#body = body;
  }

  /** What there is and has not been read; undefined: nothing. What is read is not to be changed. */
  read(): Buffer | undefined {
    const bytes = this.#body.from(this.position);
    if (bytes === undefined) return undefined;
    this.position += bytes.length;
    this.#body.letGo();
    return bytes;
  }

  /** Reads no more. */
  close(): void {
    this.#body.leave(this);
  }
}

export class GrowingBody {
  readonly #options: GrowingBodyOptions;
  readonly #readers = new Set<BodyReader>();
  /** From the beginning on, as long as it is kept or somebody has yet to read it. */
  #kept: Buffer = Buffer.alloc(0);
  #keptBytes = 0;
  /** Behind that, where it is not kept. */
  #pieces: Buffer[] = [];
  #piecesAt = 0;
  #length = 0;
  #wakes: (() => void)[] = [];
  /** All of it is here and stays. */
  isKept: boolean;
  isEnded = false;
  /** Why it will never be whole. */
  fault: Error | undefined = undefined;

  constructor(options: GrowingBodyOptions, isKept: boolean) {
    this.#options = options;
    this.isKept = isKept && this.#grow(options.length ?? 0);
  }

  /** Bytes that have come. */
  get length(): number {
    return this.#length;
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** Whether its beginning is there, so that another may read it. */
  get isReadable(): boolean {
    return this.isKept || this.#length === 0;
  }

  reader(): BodyReader {
    const reader = new BodyReader(this);
    this.#readers.add(reader);
    return reader;
  }

  /** `chunk` may be used again when this returns. @returns false where more is to wait for `onDrain` */
  push(chunk: Buffer): boolean {
    if (this.isKept && !this.#grow(this.#length + chunk.length)) this.#passOn();
    if (this.isKept) this.#keptBytes += chunk.copy(this.#kept, this.#keptBytes);
    else this.#pieces.push(Buffer.from(chunk));
    this.#length += chunk.length;
    this.#wake();
    return !this.isFull;
  }

  end(): void {
    this.isEnded = true;
    this.#wake();
  }

  fail(fault: Error): void {
    this.fault = fault;
    this.#wake();
  }

  /** Resolves when there is more to read, or nothing will come. */
  more(): Promise<void> {
    return new Promise((resolve) => this.#wakes.push(resolve));
  }

  /** All of it, where it was kept and has ended; takes no more memory than it needs. */
  whole(): Buffer {
    return this.#kept.length === this.#keptBytes
      ? this.#kept
      : Buffer.from(Buffer.allocUnsafeSlow(this.#keptBytes).fill(this.#kept.subarray(0, this.#keptBytes)));
  }

  /** What waits for the slowest reader is as much as may. */
  get isFull(): boolean {
    return !this.isKept && this.#length - this.#slowest() >= WINDOW_BYTES;
  }

  /** Called by readers. */
  from(position: number): Buffer | undefined {
    if (position < this.#keptBytes) return this.#kept.subarray(position, this.#keptBytes);
    let at = this.#piecesAt;
    for (const piece of this.#pieces) {
      if (position < at + piece.length) return piece.subarray(position - at);
      at += piece.length;
    }
    return undefined;
  }

  /** Lets go of what every reader has read, where it is not kept. */
  letGo(): void {
    if (this.isKept) return;
    const slowest = this.#slowest();
    if (slowest >= this.#keptBytes) this.#kept = Buffer.alloc(0);
    while (this.#pieces[0] !== undefined && this.#piecesAt + this.#pieces[0].length <= slowest)
      this.#piecesAt += (this.#pieces.shift() as Buffer).length;
    if (!this.isFull) this.#options.onDrain();
  }

  leave(reader: BodyReader): void {
    this.#readers.delete(reader);
    this.letGo();
  }

  #slowest(): number {
    let slowest = this.#length;
    for (const { position } of this.#readers) slowest = Math.min(slowest, position);
    return slowest;
  }

  #wake(): void {
    const wakes = this.#wakes;
    this.#wakes = [];
    for (const wake of wakes) wake();
  }

  /** @returns whether so much may be kept */
  #grow(bytes: number): boolean {
    const { length: capacity } = this.#kept;
    if (bytes <= capacity) return true;
    const { length, maxBytes } = this.#options;
    // Of one whose length is known there will be no more.
    const ahead = length === undefined ? Math.min(Math.max(2 * capacity, LEAST_CAPACITY), maxBytes) : 0;
    const wanted = Math.max(bytes, ahead);
    if (!this.#options.makeRoom(wanted - capacity)) return false;
    const grown = Buffer.allocUnsafeSlow(wanted);
    this.#kept.copy(grown, 0, 0, this.#keptBytes);
    this.#kept = grown;
    return true;
  }

  #passOn(): void {
    this.isKept = false;
    this.#piecesAt = this.#keptBytes;
  }
}
