/** A worker that another supervisor had started: it takes connections until others do, finishes what it has, and ends by itself. */
import type { CacheQuestion } from '#cache/question.ts';
import type { Snapshot } from '#record/merged-metrics.ts';
import type { Hello, Order, Report } from './protocol.ts';
import { Talk, type WorkerEvents } from './talk.ts';

/** What carries what is said. */
export interface VeteranLine {
  readonly isOpen: boolean;
  send(order: Order): Promise<void>;
  close(): void;
}

export class Veteran {
  readonly pid: number;
  /** Of the supervisor that had started it. */
  readonly instance: string;
  /** Since when it finishes what it has, on the monotonic clock. */
  readonly leftMs: number;
  readonly #line: VeteranLine;
  readonly #talk: Talk;

  constructor(line: VeteranLine, { pid, instance, leavingMs }: Hello, events: WorkerEvents) {
    this.pid = pid;
    this.instance = instance;
    this.leftMs = performance.now() - leavingMs;
    this.#line = line;
    this.#talk = new Talk({
      ...events,
      who: () => `Worker ${pid}`,
      send: (order) => {
        void line.send(order);
        return line.isOpen;
      },
    });
  }

  get metrics(): Snapshot {
    return this.#talk.metrics;
  }

  refreshMetrics(): Promise<void> {
    return this.#talk.refreshMetrics();
  }

  reopenLogs(): Promise<void> {
    return this.#talk.reopenLogs();
  }

  askCache(question: CacheQuestion): ReturnType<Talk['askCache']> {
    return this.#talk.askCache(question);
  }

  leave(): Promise<void> {
    return this.#talk.leave();
  }

  /** Says a last word, and lets go of it. */
  async part(order: Order): Promise<void> {
    await this.#line.send(order);
    this.#line.close();
  }

  /** Tells it something that wants no answer; nothing happens when it is gone. */
  tell(order: Order): void {
    void this.#line.send(order);
  }

  /** The same, resolved when it is with the kernel. */
  say(order: Order): Promise<void> {
    return this.#line.send(order);
  }

  hear(report: Report): void {
    this.#talk.hear(report);
  }

  /** It is gone, or will not be heard of any more. */
  end(): void {
    this.#talk.end(`Worker ${this.pid} is gone`);
  }
}
