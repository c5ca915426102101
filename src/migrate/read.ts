/**
 * From a squid.conf to its statements: follows `include` with its patterns, decides `if`, fills macros in. Names that are
 * relative begin at the directory of the first file. What cannot be read is told, and the rest goes on.
 */
import { glob } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { readBounded } from '#config/files.ts';
import type { Tell } from './finding.ts';
import { type Line, linesOf } from './lines.ts';
import { type Statement, textsOf, type Word } from './statement.ts';

/** As deep as Squid goes. */
const MAX_DEPTH = 16;

/** An include that matches everything must not read everything. */
const MAX_STATEMENTS = 200_000;

/** What the macros stand for: one process of a service with the usual name. */
const MACROS: Readonly<Record<string, string>> = {
  process_name: 'squid',
  process_number: '1',
  service_name: 'squid',
};

/** A squid.conf with the files that it includes. */
export interface SquidSource {
  readonly statements: readonly Statement[];
  /** Text of a file that a statement names. @throws {Error} with a message for people */
  read(name: string): Promise<string>;
  /** Absolute path of such a file. */
  pathOf(name: string): string;
}

/**
 * Reads `file`, or a `stream` that is called so, and what it includes.
 * @throws {Error} where `file` itself cannot be read
 */
export async function readSquid(
  file: string,
  tell: Tell,
  stream?: AsyncIterable<Buffer>,
): Promise<SquidSource> {
  const reader = new Reader(file, tell);
  await reader.add(file, (await readBounded(file, stream)).toString('utf8'), 0);
  return {
    statements: reader.statements,
    read: (name) => reader.text(name),
    pathOf: (name) => reader.pathOf(name),
  };
}

class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

class Reader {
  readonly statements: Statement[] = [];
  readonly #folder: string;
  readonly #tell: Tell;

  constructor(file: string, tell: Tell) {
    this.#folder = dirname(file);
    this.#tell = tell;
  }

  pathOf(name: string): string {
    return resolve(this.#folder, name);
  }

  async text(name: string): Promise<string> {
    // Squid takes bytes as they come; a comment in Latin-1 is no mistake.
    return (await readBounded(this.pathOf(name))).toString('utf8');
  }

  async add(file: string, text: string, depth: number): Promise<void> {
    const conditions = new Conditions(this.#tell);
    for (const line of linesOf(text)) {
      const statement = this.#statementOf(file, line);
      if (conditions.takes(statement)) await this.#take(statement, depth);
    }
    conditions.end(file);
  }

  #statementOf(file: string, { number, words: [first, ...rest] }: Line): Statement {
    const words = rest.map((word): Word => ({ ...word, text: filledIn(word.text) }));
    const statement = { file, line: number, name: first?.text ?? '', words };
    if (rest.some(({ text }, index) => text !== words[index]?.text)) {
      const message = 'Macros are filled in as for the only process of the service "squid"';
      this.#tell(statement, 'changed', message);
    }
    return statement;
  }

  async #take(statement: Statement, depth: number): Promise<void> {
    if (statement.name === 'include') {
      await this.#include(statement, depth + 1);
    } else {
      this.statements.push(statement);
      if (this.statements.length > MAX_STATEMENTS)
        throw new TooLarge(
          `Cannot read "${statement.file}": more than ${MAX_STATEMENTS} directives altogether`,
        );
    }
  }

  async #include(statement: Statement, depth: number): Promise<void> {
    if (depth > MAX_DEPTH) {
      this.#lose(statement, `Files include each other more than ${MAX_DEPTH} deep`);
      return;
    }
    for (const pattern of textsOf(statement)) {
      const files = await this.#matching(pattern);
      if (files.length === 0) this.#lose(statement, `No file matches "${pattern}"`);
      for (const file of files) await this.#includeOne(statement, file, depth);
    }
  }

  async #includeOne(statement: Statement, file: string, depth: number): Promise<void> {
    try {
      await this.add(file, await this.text(file), depth);
      this.#tell(statement, 'same', `Reads "${file}"`);
    } catch (error) {
      if (error instanceof TooLarge) throw error;
      this.#lose(statement, (error as Error).message);
    }
  }

  /** Rules may be missing: what stands for them is among the statements. */
  #lose(include: Statement, why: string): void {
    this.statements.push({ ...include, lost: why });
  }

  /** Names of files, sorted as Squid sorts them. */
  async #matching(pattern: string): Promise<string[]> {
    if (!/[*?[]/.test(pattern)) return [pattern];
    const files: string[] = [];
    for await (const name of glob(resolve(this.#folder, pattern))) files.push(name);
    return files.sort();
  }
}

function filledIn(text: string): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (macro, name: string) => MACROS[name] ?? macro);
}

/** `if`, `else` and `endif` of one file. */
class Conditions {
  readonly #tell: Tell;
  readonly #open: { readonly statement: Statement; holds: boolean }[] = [];

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** Whether a statement counts; those that are conditions themselves do not, and are told. */
  takes(statement: Statement): boolean {
    const { name } = statement;
    if (name === 'if') this.#if(statement);
    else if (name === 'else') this.#else(statement);
    else if (name === 'endif') this.#endif(statement);
    else return this.#takesPlain(statement);
    return false;
  }

  #takesPlain(statement: Statement): boolean {
    if (this.#open.every(({ holds }) => holds)) return true;
    this.#tell(statement, 'dropped', 'Its condition does not hold');
    return false;
  }

  #if(statement: Statement): void {
    const [left, equals, right] = textsOf(statement);
    const isKnown =
      left === 'true' || left === 'false' || (equals === '=' && isNumber(left) && isNumber(right));
    const holds = left === 'true' || (equals === '=' && isNumber(left) && Number(left) === Number(right));
    this.#open.push({ statement, holds });
    if (!isKnown)
      this.#tell(statement, 'error', 'Condition is neither true, false nor N = N; taken for false');
    else this.#tell(statement, 'same', `Condition ${holds ? 'holds' : 'does not hold'}`);
  }

  #else(statement: Statement): void {
    const current = this.#open.at(-1);
    if (current === undefined) this.#tell(statement, 'error', 'There is no "if" before it');
    else this.#tell(statement, 'same', 'The other half of the condition');
    if (current !== undefined) current.holds = !current.holds;
  }

  #endif(statement: Statement): void {
    if (this.#open.pop() === undefined) this.#tell(statement, 'error', 'There is no "if" before it');
    else this.#tell(statement, 'same', 'The end of the condition');
  }

  /** At the end of the file. */
  end(file: string): void {
    for (const { statement } of this.#open)
      this.#tell(statement, 'error', `There is no "endif" for it in "${file}"`);
  }
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && /^-?\d+$/.test(text);
}
