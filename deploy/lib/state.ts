/**
 * The one file in which a deployment remembers itself: which steps are done, by what they went, and what rolling back needs to know,
 * such as an address that was there before. Written whole or not at all, after each step; nothing secret is in it. One run at a time has it.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { attempt, readIfThere } from './attempt.ts';
import { ExitCode } from './exit-codes.ts';
import { Fault } from './fault.ts';
import { releaseLock, takeLock } from './lock.ts';

/** A step that is done. */
export interface StepRecord {
  /** ISO 8601. */
  readonly at: string;
  /** Hash of what it went by; another one means that it is to be done anew. */
  readonly stamp: string;
}

interface Content {
  readonly version: 1;
  readonly steps: Record<string, StepRecord>;
  /** Facts by name: `image.digest`, `dns.microsoft.before`. */
  readonly facts: Record<string, string>;
}

const NOTHING: Content = { version: 1, steps: {}, facts: {} };

export class State {
  readonly file: string;
  #content: Content;
  readonly #isDry: boolean;
  #hasLock = false;

  private constructor(file: string, content: Content, isDry: boolean) {
    this.file = file;
    this.#content = content;
    this.#isDry = isDry;
  }

  /** Opens `file`, or begins with nothing; a dry run neither takes the lock nor writes. @throws {Fault} */
  static open(file: string, isDry: boolean): State {
    requireFolder(file);
    const state = new State(file, NOTHING, isDry);
    if (!isDry) {
      takeLock(file);
      state.#hasLock = true;
    }
    try {
      state.#content = read(file);
    } catch (error) {
      state.close();
      throw error;
    }
    return state;
  }

  /** What is known of `step`; undefined where it is not done. */
  step(step: string): StepRecord | undefined {
    return this.#content.steps[step];
  }

  /** Steps that are done and whose names begin so. */
  steps(prefix: string): readonly string[] {
    return Object.keys(this.#content.steps).filter((step) => step.startsWith(prefix));
  }

  /** When the last of `steps` was done, ISO 8601; empty where none is. */
  lastDone(steps: readonly string[]): string {
    const times = steps.map((step) => this.step(step)?.at ?? '').toSorted();
    return times.at(-1) ?? '';
  }

  /** `step` is done. */
  finish(step: string, record: StepRecord): void {
    this.#write({ ...this.#content, steps: { ...this.#content.steps, [step]: record } });
  }

  /** Steps that are to be done anew. */
  forget(steps: Iterable<string>): void {
    const gone = new Set(steps);
    const left = Object.entries(this.#content.steps).filter(([step]) => !gone.has(step));
    if (left.length < Object.keys(this.#content.steps).length)
      this.#write({ ...this.#content, steps: Object.fromEntries(left) });
  }

  /** The fact `name`. */
  recall(name: string): string | undefined {
    return this.#content.facts[name];
  }

  /** Names of facts that begin so, sorted. */
  facts(prefix: string): readonly string[] {
    return Object.keys(this.#content.facts)
      .filter((name) => name.startsWith(prefix))
      .toSorted();
  }

  /** Keeps a fact, at once: what a change makes unknowable is kept before the change. `undefined` removes it. */
  remember(name: string, value: string | undefined): void {
    if (this.#content.facts[name] === value) return;
    const { [name]: _, ...facts } = this.#content.facts;
    this.#write({ ...this.#content, facts: value === undefined ? facts : { ...facts, [name]: value } });
  }

  /** Keeps a fact where none of its name is there: what was before the first run, however many follow. */
  rememberFirst(name: string, value: string): void {
    if (this.recall(name) === undefined) this.remember(name, value);
  }

  /** A folder for something else that is kept, beside the state and by its name: `prod.work` of `prod.state.json`. */
  beside(what: string): string {
    return `${this.file.replace(/\.state\.json$/, '')}.${what}`;
  }

  /** Lets the next run have it. */
  close(): void {
    if (this.#hasLock) releaseLock(this.file);
    this.#hasLock = false;
  }

  #write(content: Content): void {
    this.#content = content;
    if (!this.#isDry) writeWhole(this.file, `${JSON.stringify(content, null, 2)}\n`);
  }
}

/** A run that writes nothing says so, too: there nothing is remembered. @throws {Fault} */
function requireFolder(file: string): void {
  const folder = dirname(file);
  const found = attempt('read', folder, () => statSync(folder, { throwIfNoEntry: false }));
  if (found?.isDirectory()) return;
  throw new Fault(
    `The state cannot be in ${file}: ${folder} is ${found === undefined ? 'not there' : 'no folder'}`,
    `correct --state; where it is to begin there: mkdir -p ${folder}`,
    ExitCode.NoInput,
  );
}

/** Whole or not at all, also where the machine loses its power. */
export function writeWhole(file: string, text: string): void {
  attempt('write', file, () => {
    // One that a run has left, or another, may be open to others.
    rmSync(`${file}.new`, { force: true });
    const fd = openSync(`${file}.new`, 'wx', 0o600);
    try {
      writeFileSync(fd, text);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(`${file}.new`, file);
  });
}

function read(file: string): Content {
  const text = readIfThere(file);
  if (text === undefined) return NOTHING;
  const content = parsed(text);
  if (content?.version !== 1 || !isTable(content.steps) || !isTable(content.facts)) {
    throw new Fault(
      `${file} is no state of a deployment that this version reads`,
      'bring back the file from a copy; without one move it away: every step then looks at what is there, and what was there before Weir is not known',
      ExitCode.Configuration,
    );
  }
  return content;
}

function parsed(text: string): Content | undefined {
  try {
    return JSON.parse(text) as Content;
  } catch {
    return undefined;
  }
}

const isTable = (value: unknown): boolean => typeof value === 'object' && value !== null;
