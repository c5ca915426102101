/**
 * What is to be done on a disk, one after the other, in the order in which it was asked for. What is urgent overtakes the rest, of which
 * nothing may undo it; where both wait the rest gets its turns too.
 */

/** More is never let wait: what clients cause stops at half of it. */
const MAX_WAITING = 10_000;
/** Of the rest, what is done behind an urgent one before the next. */
const TURNS_OF_REST = 64;
/** One takes longer only where the disk does not answer. */
const MAX_JOB_MS = 60_000;

type Job = () => Promise<void>;

export class DiskJobs {
  /** Monotonic, in milliseconds. */
  readonly #now: () => number;
  readonly #urgent: Job[] = [];
  readonly #rest: Job[] = [];
  /** Before the next urgent one. */
  #turnsOfRest = 0;
  #waiting = 0;
  #begunMs = 0;
  #running: Promise<void> | undefined = undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether so much waits that nothing more may. */
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

  /** Does `job` in its turn; it must not reject. */
  add<Result>(job: () => Promise<Result>, isUrgent = false): Promise<Result> {
    const { promise, resolve } = Promise.withResolvers<Result>();
    this.#waiting += 1;
    (isUrgent ? this.#urgent : this.#rest).push(async () => resolve(await job()));
    if (this.#running === undefined) {
      this.#begunMs = this.#now();
      this.#running = this.#run();
    }
    return promise;
  }

  /** Resolves when nothing waits. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // Who asks for several at once has asked for all of them by then.
    await Promise.resolve();
    for (let job = this.#take(); job !== undefined; job = this.#take()) {
      await job();
      this.#waiting -= 1;
      this.#begunMs = this.#now();
    }
    this.#running = undefined;
  }

  #take(): Job | undefined {
    const isForRest = this.#urgent.length === 0 || (this.#turnsOfRest > 0 && this.#rest.length > 0);
    this.#turnsOfRest = isForRest ? Math.max(0, this.#turnsOfRest - 1) : TURNS_OF_REST;
    return (isForRest ? this.#rest : this.#urgent).shift();
  }
}
