/** What is to be done on a disk, one after the other, in the order in which it was asked for: nothing overtakes a removal. */

/** More waits for nothing but a disk that does not answer. */
const MAX_WAITING = 10_000;
/** One takes longer only where the disk does not answer. */
const MAX_JOB_MS = 60_000;

export class DiskJobs {
  /** Monotonic, in milliseconds. */
  readonly #now: () => number;
  #waiting = 0;
  #begunMs = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether so much waits that the disk must be thought gone. */
  get isStuck(): boolean {
    return this.#waiting >= MAX_WAITING;
  }

  /** Whether so much waits that what may be left undone is not added any more: what has to be done finds room behind it. */
  get isCrowded(): boolean {
    return this.#waiting >= MAX_WAITING / 2;
  }

  /** Whether what is being done takes so long that the disk must be thought to hang. */
  get isHanging(): boolean {
    return this.#waiting > 0 && this.#now() - this.#begunMs > MAX_JOB_MS;
  }

  /** Does `job` after those before; it must not reject. */
  add<Result>(job: () => Promise<Result>): Promise<Result> {
    if (this.#waiting === 0) this.#begunMs = this.#now();
    this.#waiting += 1;
    const done = this.#last.then(job);
    this.#last = done.then(() => {
      this.#waiting -= 1;
      this.#begunMs = this.#now();
    });
    return done;
  }

  /** Resolves when nothing waits. */
  async settled(): Promise<void> {
    while (this.#waiting > 0) await this.#last;
  }
}
