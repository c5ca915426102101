/**
 * What a person sees: each step with ✓, ✗ or – on standard error. On standard output is what can be pasted or read by a program: the
 * commands of a dry run, one a line, or with `--json` a line for each step.
 */
import type { Fault } from './fault.ts';

/** Where lines go. */
export interface Outlet {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

export type Result = 'done' | 'skipped' | 'wrong' | 'would';

const MARKS: Readonly<Record<Result, string>> = { done: '✓', skipped: '–', wrong: '✗', would: '–' };

export interface StepLine {
  readonly id: string;
  readonly title: string;
  readonly result: Result;
  /** What was found or made: an address, a digest. Never anything secret. */
  readonly detail?: string | undefined;
}

export class Report {
  readonly #outlet: Outlet;
  readonly #isJson: boolean;

  constructor(outlet: Outlet, options: { readonly isJson?: boolean } = {}) {
    this.#outlet = outlet;
    this.#isJson = options.isJson ?? false;
  }

  step({ id, title, result, detail }: StepLine): void {
    const more = detail === undefined ? '' : `: ${detail}`;
    this.#outlet.err(`${MARKS[result]} ${id}  ${title}${more}`);
    if (this.#isJson) this.#outlet.out(JSON.stringify({ step: id, title, result, detail }));
  }

  /** A step that is ✗, with all that is wrong with it. */
  wrong({ id, title }: { readonly id: string; readonly title: string }, ...faults: readonly Fault[]): void {
    const lines = faults.map(({ message, cure }) => `  ${message}\n  To do: ${cure}`);
    this.#outlet.err([`✗ ${id}  ${title}`, ...lines].join('\n'));
    if (!this.#isJson) return;
    for (const { message: detail, cure } of faults)
      this.#outlet.out(JSON.stringify({ step: id, title, result: 'wrong', detail, cure }));
  }

  note(text: string): void {
    this.#outlet.err(`- ${text}`);
  }

  /** A command of a dry run. */
  command(line: string): void {
    this.#outlet.out(line);
  }

  /** A part of a step that holds. */
  tick(text: string): void {
    this.#outlet.err(`  ✓ ${text}`);
  }

  /** The last line. */
  end(text: string): void {
    this.#outlet.err(text);
  }
}
