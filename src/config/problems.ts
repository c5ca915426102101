/**
 * What can be wrong with a configuration, and how it is told: one problem, one line, with the place, the value and a
 * cure. Stages that do not know lines report a `Flaw` by path; `document.ts` turns it into a `Problem`.
 */

const LONGEST_VALUE = 60;

/** Keys and indices from the root of the file to a value. */
export type Path = readonly (string | number)[];

/** A mistake, placed by path. `at` says whether the key or the value at that path is to blame. */
export interface Flaw {
  readonly path: Path;
  readonly at: 'key' | 'value';
  readonly message: string;
  /** A sentence that says what to write instead. */
  readonly fix: string;
}

/** A mistake, placed by file, line and column (both from 1). */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** For example `access[2].allow[0]`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  /** The value as written, shortened; undefined where there is none. */
  readonly value: string | undefined;
  readonly fix: string;
}

/** A configuration that cannot be used, with everything that is wrong with it. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** One line: `t1.yaml:12:9: acls.localnet.src[0]: What is wrong (value "x"). What to write`. */
export function formatProblem(problem: Problem): string {
  const { file, line, column, path, message, value, fix } = problem;
  const where = path === '' ? '' : `${path}: `;
  const written = value === undefined ? '' : ` (value ${value})`;
  // Messages quote the file, and a terminal or a log would obey what is in it.
  return `${file}:${line}:${column}: ${where}${message}${written}. ${fix}`.replaceAll(/\p{Cc}/gu, '?');
}

/** A path as people write it: `acls.localnet.src[0]`, and `acls["a.b"]` where a key is no plain word. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[\w-]+$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}

/** Parse functions put the cure last: `Network "x" has host bits set, write "y"`. It becomes a sentence of its own. */
export function splitComplaint(text: string): { message: string; fix: string | undefined } {
  const [, message = text, cure] = /^(.*), ((?:write|use|remove) .*)$/s.exec(text) ?? [];
  return { message, fix: cure && `${cure.charAt(0).toUpperCase()}${cure.slice(1)}` };
}

/** A value on one line, bounded, without control characters (a terminal would obey them) and without what a URL may keep secret. */
export function showValue(text: string): string {
  const line = text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\p{Cc}/gu, '?')
    .replaceAll(/\/\/\S*@/g, '//…@')
    .trim();
  return line.length > LONGEST_VALUE ? `${line.slice(0, LONGEST_VALUE)}…` : line;
}
