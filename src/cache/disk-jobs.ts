/** What is to be done on a disk, one after the other, in the order in which it was asked for: nothing overtakes a removal. */

/** More waits for nothing but a disk that does not answer. */
const MAX_WAITING = 10_000;

export class DiskJobs {
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  /** Whether so much waits that the disk must be thought gone. */
  get isStuck(): boolean {
    return this.#waiting >= MAX_WAITING;
  }

  /** Whether so much waits that what may be left undone is not added any more: what has to be done finds room behind it. */
  get isCrowded(): boolean {
    return this.#waiting >= MAX_WAITING / 2;
  }

  /** Does `job` after those before; it must not reject. */
  add<Result>(job: () => Promise<Result>): Promise<Result> {
    this.#waiting += 1;
    const done = this.#last.then(job);
    this.#last = done.then(() => {
      this.#waiting -= 1;
    });
    return done;
  }

  /** Resolves when nothing waits. */
  async settled(): Promise<void> {
    while (this.#waiting > 0) await this.#last;
  }
}
