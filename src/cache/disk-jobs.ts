/** What is to be done on a disk, one after the other, in the order in which it was asked for: nothing overtakes a removal. */

/** More waits for nothing but a disk that does not answer. */
const MAX_WAITING = 10_000;
/** A step of a job takes longer only where the disk does not answer. */
const MAX_STEP_MS = 60_000;

/** Does one thing; calls `step` after each part of what may take long as a whole. */
export type Job<Result> = (step: () => void) => Promise<Result>;

export class DiskJobs {
  /** Monotonic, in milliseconds. */
  readonly #now: () => number;
  #waiting = 0;
  /** When the job that is being done began, or was a step further. */
  #stepMs = 0;
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

  /** Whether what is being done has not gone on for so long that the disk must be thought to hang. */
  get isHanging(): boolean {
    return this.#waiting > 0 && this.#now() - this.#stepMs > MAX_STEP_MS;
  }

  /** Does `job` after those before; it must not reject. */
  add<Result>(job: Job<Result>): Promise<Result> {
    if (this.#waiting === 0) this.#noteStep();
    this.#waiting += 1;
    const done = this.#last.then(() => job(this.#noteStep));
    this.#last = done.then(() => {
      this.#waiting -= 1;
      this.#noteStep();
    });
    return done;
  }

  readonly #noteStep = (): void => {
    this.#stepMs = this.#now();
  };

  /** Resolves when nothing waits. */
  async settled(): Promise<void> {
    while (this.#waiting > 0) await this.#last;
  }
}
