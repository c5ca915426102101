/** A bar on a terminal that shows how far long work has got; anywhere else nothing at all. */

const WIDTH = 30;
const EVERY_MS = 100;
const CLEAR_LINE = '\r\u001b[K';

/** The part of standard error that is needed. */
export interface Terminal {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** @param total of what is counted; 0 where it is not known */
export class ProgressBar {
  readonly #terminal: Terminal;
  readonly #total: number;
  readonly #now: () => number;
  #shownMs = Number.NEGATIVE_INFINITY;

  constructor(terminal: Terminal, total: number, now = (): number => performance.now()) {
    this.#terminal = terminal;
    this.#total = total;
    this.#now = now;
  }

  /** Shows that `done` of the total is done, with a word about it; often is as good as seldom. */
  show(done: number, word: string): void {
    if (this.#terminal.isTTY !== true) return;
    const now = this.#now();
    if (now - this.#shownMs < EVERY_MS) return;
    this.#shownMs = now;
    this.#terminal.write(`${CLEAR_LINE}${this.#total > 0 ? bar(done / this.#total) : ''}${word}`);
  }

  /** Takes it away. */
  clear(): void {
    if (this.#terminal.isTTY === true) this.#terminal.write(CLEAR_LINE);
  }
}

function bar(part: number): string {
  const full = Math.min(WIDTH, Math.floor(part * WIDTH));
  const percent = Math.min(100, Math.floor(part * 100));
  return `[${'#'.repeat(full)}${' '.repeat(WIDTH - full)}] ${String(percent).padStart(3)} % `;
}
