/**
 * Shows how far a run is: on a terminal one line that is written over, with the time that is probably left; anywhere else one line
 * for each step.
 */
import process from 'node:process';
import type { Step } from './plan.ts';

const BAR = 24;

export class Progress {
  readonly #startMs = performance.now();
  readonly #isTerminal = process.stderr.isTTY === true;
  /** Since when {@link Step.index} steps are done, for the time left. */
  step = (step: Step): void => {
    if (this.#isTerminal) this.#draw(step);
    else console.error(`[${step.index + 1}/${step.total}] ${step.workload}: ${step.subject}, ${step.what}`);
  };

  /** Takes the line away, so that results begin on a clean one. */
  end(): void {
    if (this.#isTerminal) process.stderr.write('\r\u001b[K');
  }

  #draw({ index, total, workload, subject, what }: Step): void {
    const part = index / total;
    const full = Math.round(part * BAR);
    const bar = '█'.repeat(full) + '░'.repeat(BAR - full);
    const text = `${bar} ${Math.floor(100 * part)} %${this.#left(part)} · ${workload} · ${subject} · ${what}`;
    process.stderr.write(`\r\u001b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  }

  #left(part: number): string {
    if (part < 0.03) return '';
    const seconds = ((performance.now() - this.#startMs) / 1000) * (1 / part - 1);
    return seconds < 90 ? ` · ${Math.ceil(seconds)} s left` : ` · ${Math.round(seconds / 60)} min left`;
  }
}
