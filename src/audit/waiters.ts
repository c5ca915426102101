/**
 * Who waits until so many records are written: those that came in the same moment wait together. Who has waited too long is told that it
 * fails, since a disk can also hang.
 */

/** Longer than a disk takes that is only busy, and shorter than a transaction has to be established. */
export const PATIENCE_MS = 4_000;

interface Group {
  /** Number of the last record that they wait for. */
  last: number;
  readonly settled: PromiseWithResolvers<void>;
}

export class Waiters {
  #patienceMs: number;
  readonly #onStall: () => void;
  #groups: Group[] = [];
  /** The group that still takes members. */
  #open: Group | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;

  /** `onStall`: told that nothing has been written for too long. */
  constructor(onStall: () => void, patienceMs = PATIENCE_MS) {
    this.#onStall = onStall;
    this.#patienceMs = patienceMs;
  }

  /** Resolves when record number `last` is written. */
  wait(last: number): Promise<void> {
    let group = this.#open;
    if (group === undefined) {
      group = { last, settled: Promise.withResolvers<void>() };
      this.#open = group;
      this.#groups.push(group);
    }
    group.last = last;
    this.#timer ??= setTimeout(this.#onStall, this.#patienceMs);
    return group.settled.promise;
  }

  /** So much patience there is from now on, also with who waits already. */
  allow(patienceMs: number): void {
    this.#patienceMs = patienceMs;
    this.#restart();
  }

  /** Those who come from now on wait for another write. */
  seal(): void {
    this.#open = undefined;
  }

  /** So many records are written. */
  written(count: number): void {
    const done = this.#groups.filter(({ last }) => last <= count);
    if (done.length === 0) return;
    this.#groups = this.#groups.filter((group) => group.last > count);
    this.#restart();
    for (const group of done) group.settled.resolve();
  }

  /** Nobody waits any longer. */
  fail(error: Error): void {
    const groups = this.#groups;
    this.#groups = [];
    this.#restart();
    for (const { settled } of groups) settled.reject(error);
  }

  #restart(): void {
    if (this.#open !== undefined && !this.#groups.includes(this.#open)) this.#open = undefined;
    clearTimeout(this.#timer);
    this.#timer = this.#groups.length === 0 ? undefined : setTimeout(this.#onStall, this.#patienceMs);
  }
}
