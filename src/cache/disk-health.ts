/** How a disk does, by what became of what was asked of it. */

/** After a fault nothing is tried again for so long. */
export const PAUSE_MS = 10_000;

export class DiskHealth {
  /** Monotonic, in milliseconds. */
  readonly #now: () => number;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #hasFailed = false;
  #late = 0;
  #offBy: Error | undefined = undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Something that had to go may still be there, and why: nothing is read or written any more. */
  get offBy(): Error | undefined {
    return this.#offBy;
  }

  /** Whether nothing is to be written now, since that failed just before. */
  get isResting(): boolean {
    return this.#now() < this.#pausedUntil;
  }

  /** Whether what was to be written last has not got there. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Whether it is used, what was written last has got there, and nothing is waited for in vain. */
  get isWell(): boolean {
    return this.#offBy === undefined && !this.#hasFailed && this.#late === 0;
  }

  noteWritten(): void {
    this.#hasFailed = false;
  }

  noteFailed(): void {
    this.#hasFailed = true;
    this.#pausedUntil = this.#now() + PAUSE_MS;
  }

  /** Somebody waits no longer for this, which must not reject. */
  noteLate(work: Promise<unknown>): void {
    this.#late += 1;
    void work.then(() => {
      this.#late -= 1;
    });
  }

  turnOff(error: Error): void {
    this.#offBy = error;
  }
}
