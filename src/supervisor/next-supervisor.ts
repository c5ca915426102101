/**
 * How a worker that has lost its supervisor finds the next one, in the directory that systemd keeps for the unit: it looks until one is
 * there, often at first, since clients may wait for it, and again whenever that one is gone too.
 */

import { reach } from './meeting-point.ts';
import type { Order, Report } from './protocol.ts';
import { UnixLine } from './unix-line.ts';

const OFTEN_MS = 20;
const SELDOM_MS = 500;
/** A restart takes less, a start after a crash a little more. */
const OFTEN_FOR_MS = 5_000;

export interface NextSupervisorParts {
  readonly directory: string;
  /** The first word to one that was found. */
  readonly hello: () => Report;
  readonly onOrder: (order: Order) => void;
  /** One was found, and has been told who comes. */
  readonly onFound: () => void;
  /** It is gone as well. */
  readonly onLost: () => void;
}

export class NextSupervisor {
  readonly #parts: NextSupervisorParts;
  #line: UnixLine | undefined = undefined;
  #timer: NodeJS.Timeout | undefined = undefined;
  #sinceMs = 0;
  #foundMs = 0;
  #isOver = false;
  #found = Promise.withResolvers<void>();

  constructor(parts: NextSupervisorParts) {
    this.#parts = parts;
  }

  /** Begins to look. */
  seek(): void {
    this.#sinceMs = performance.now();
    void this.#look();
  }

  /** Resolves when it is with a supervisor, or there is none. */
  async report(report: Report): Promise<void> {
    await this.#line?.send(report);
  }

  /** Whether there is one now, or one is found in the time. */
  async isThere(limitMs: number): Promise<boolean> {
    if (this.#line !== undefined) return true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    await Promise.race([this.#found.promise, late]);
    clearTimeout(timer);
    return this.#line !== undefined;
  }

  /** Looks no more, and ends the line when what was sent is out. */
  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#line?.close();
  }

  async #look(): Promise<void> {
    const socket = await reach(this.#parts.directory);
    if (this.#isOver) socket?.destroy();
    if (this.#isOver) return;
    if (socket === undefined) {
      const waitMs = performance.now() - this.#sinceMs < OFTEN_FOR_MS ? OFTEN_MS : SELDOM_MS;
      this.#timer = setTimeout(() => void this.#look(), waitMs);
      return;
    }
    const line = new UnixLine(socket, {
      onMessage: (order) => this.#parts.onOrder(order as Order),
      onClosed: () => this.#lose(),
    });
    this.#line = line;
    this.#foundMs = performance.now();
    void line.send(this.#parts.hello());
    this.#found.resolve();
    this.#parts.onFound();
  }

  #lose(): void {
    this.#line = undefined;
    if (this.#isOver) return;
    this.#found = Promise.withResolvers<void>();
    this.#parts.onLost();
    this.#sinceMs = performance.now();
    // One that lets nobody in, as it is of another version, is asked seldom.
    const isRefusal = this.#sinceMs - this.#foundMs < OFTEN_FOR_MS;
    this.#timer = setTimeout(() => void this.#look(), isRefusal ? SELDOM_MS : OFTEN_MS);
  }
}
