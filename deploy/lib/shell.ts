/**
 * Other programs, as steps call them: without a shell, within a time, their output kept. Those that look are run in a dry run too; those
 * that change something are printed then. What is secret goes by files and standard input, so that neither an argument nor a line of
 * ours ever has it.
 */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from './fault.ts';
import type { Report } from './report.ts';
import { writeWhole } from './state.ts';

export interface Program {
  readonly words: readonly [program: string, ...args: string[]];
  /** Its output may have something secret: none of it is shown, whatever happens. */
  readonly isSecret?: boolean;
  /** @default two minutes */
  readonly timeoutMs?: number;
  /** What to do where it fails. */
  readonly cure?: string;
}

export interface Ended {
  /** Undefined where a signal or the clock ended it. */
  readonly status: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs a program to its end. @throws {Fault} where there is no such program */
export type Execute = (program: Program, input: Buffer | undefined) => Promise<Ended>;

/** Our own scripts say what to do on the line below the ✗; gcloud says on seven that nobody is logged in. */
const LAST_LINES = 8;

export class Shell {
  readonly #execute: Execute;
  readonly #report: Report;
  readonly isDry: boolean;

  constructor(execute: Execute, report: Report, isDry: boolean) {
    this.#execute = execute;
    this.#report = report;
    this.isDry = isDry;
  }

  /** Looks, and changes nothing; a status other than 0 is an answer. */
  ask(program: Program): Promise<Ended> {
    return this.#execute(program, undefined);
  }

  /** Looks. @returns what it printed, without the end of its last line. @throws {Fault} where its status is not 0 */
  async look(program: Program): Promise<string> {
    return text(must(program, await this.#execute(program, undefined)));
  }

  /** Changes something, with `input` to read where it is given. In a dry run it is printed. @returns what it printed @throws {Fault} */
  async change(program: Program, input?: { readonly from: string; readonly bytes: Buffer }): Promise<string> {
    if (this.isDry) {
      this.#report.command(quoted(program.words) + (input === undefined ? '' : ` < ${quoted([input.from])}`));
      return '';
    }
    return text(must(program, await this.#execute(program, input?.bytes)));
  }

  /** What the first one prints is what the second one reads and changes something by. @throws {Fault} */
  async pipe(from: Program, to: Program): Promise<string> {
    if (this.isDry) {
      this.#report.command(`${quoted(from.words)} | ${quoted(to.words)}`);
      return '';
    }
    const { stdout } = must(from, await this.#execute(from, undefined));
    return text(must(to, await this.#execute(to, stdout)));
  }

  /** Writes a file that another program will read, and the folder for it. Nothing secret. @throws {Fault} */
  write(file: string, text: string): void {
    if (this.isDry) {
      this.#report.command(`mkdir -p ${quoted([dirname(file)])}`);
      this.#report.command(`printf %b ${quoted([escaped(text)])} >${quoted([file])}`);
      return;
    }
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeWhole(file, text);
  }

  /** A script of ours that has a dry run of its own: in ours it prints what it would do. @throws {Fault} */
  async script(program: Program): Promise<void> {
    if (!this.isDry) {
      must(program, await this.#execute(program, undefined));
      return;
    }
    const words: Program['words'] = [...program.words, '--dry-run'];
    const { stdout } = must(program, await this.#execute({ ...program, words }, undefined));
    for (const line of stdout.toString().split('\n').filter(Boolean)) this.#report.command(line);
  }
}

function must(program: Program, ended: Ended): Ended {
  if (ended.status === 0) return ended;
  const how = ended.status === undefined ? 'did not end in its time' : `ended with ${ended.status}`;
  const what = `${named(program)} ${how}${said(program, ended)}`;
  throw new Fault(what, program.cure ?? 'read what it says, mend it, and start this again');
}

/** Its program and first words: enough to know which one it was. */
function named({ words }: Program): string {
  const own = words.slice(1).filter((word) => !word.startsWith('-'));
  return [words[0], ...own.slice(0, 3)].join(' ');
}

function said({ isSecret = false }: Program, { stdout, stderr }: Ended): string {
  if (isSecret) return ' (what it said is not shown: it may have something secret)';
  const reason = reasonIn(stderr) || reasonIn(stdout.toString());
  return reason === '' ? '' : `: ${reason}`;
}

/** The end of what a program says, from the first ✗ of a script of ours; empty where it says nothing. Nothing secret. */
export function reasonIn(output: string): string {
  const all = output.split('\n').filter((line) => line.trim() !== '');
  const first = all.findIndex((line) => line.startsWith('✗'));
  // A script of ours ticks off what holds before it comes to that.
  const lines = (first === -1 ? all : all.slice(first)).slice(-LAST_LINES);
  return lines.join('\n    ').trim();
}

function text({ stdout }: Ended): string {
  return stdout.toString().replace(/\n+$/, '');
}

/** On one line, as `printf %b` reads it. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** The words of a command as a shell reads them. */
export function quoted(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
