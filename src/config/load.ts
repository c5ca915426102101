/**
 * From a file to one frozen `Config`, or to every problem that can be found in it and in the files that it names: those of
 * one stage do not hide those of the next.
 */
import { readCompanions } from './companions.ts';
import type { Config } from './config.ts';
import { crosscheck } from './crosscheck.ts';
import { parseText } from './document.ts';
import { decodeText, digestOf, readBounded } from './files.ts';
import { finish, type Loading } from './finish.ts';
import { flawsOf } from './issues.ts';
import { outlineOf } from './outline.ts';
import { ConfigError, type Problem } from './problems.ts';
import { configSchema } from './schema.ts';

/** What to call a configuration that is in no file. */
const NO_FILE = 'built-in';

/** More are of no use to a reader, and each costs a search for its place. */
const MAX_PROBLEMS = 1000;

interface LoadOptions {
  /** Whether it is to be served, so that an open proxy is refused that is not meant. */
  readonly isServed?: boolean;
  /** Whether files of certificates, keys and passwords are read: what is not served can be studied without. @default true */
  readonly secrets?: boolean;
}

/**
 * Loads a configuration file, or a `stream` that is called `file`: relative paths then begin where that would be.
 * @throws {ConfigError} with everything that is wrong
 */
export async function loadConfig(
  file: string,
  stream?: AsyncIterable<Buffer>,
  { isServed = false, secrets = true }: LoadOptions = {},
): Promise<Config> {
  let text: string;
  let digest: string;
  try {
    const bytes = await readBounded(file, stream);
    digest = digestOf(bytes);
    text = decodeText(file, bytes);
  } catch (error) {
    const { message } = error as Error;
    const place = { file, line: 1, column: 1, path: '', value: undefined };
    throw new ConfigError([{ ...place, message, fix: 'Name a configuration file that can be read' }]);
  }
  return build(text, { file, digest, isServed, secrets });
}

/**
 * Reads the text of a configuration. Relative paths begin at the directory of `file`, or else at the current one.
 * @throws {ConfigError} with everything that is wrong
 */
export function parseConfig(
  text: string,
  { file, isServed = false }: Pick<LoadOptions, 'isServed'> & { readonly file?: string } = {},
): Promise<Config> {
  return build(text, { file, digest: digestOf(text), isServed, secrets: true });
}

async function build(
  text: string,
  { secrets, ...loading }: Omit<Loading, 'place'> & { readonly secrets: boolean },
): Promise<Config> {
  const { file = NO_FILE } = loading;
  const source = parseText(text, file);
  if (source.value === undefined) throw new ConfigError(source.problems);
  const outline = outlineOf(source.value);
  const companions = await readCompanions(outline, file, { secrets });
  const result = configSchema.safeParse(source.value);
  const issues = result.success ? [] : result.error.issues.slice(0, MAX_PROBLEMS);
  const flaws = [...flawsOf(issues, source.value), ...crosscheck(outline), ...companions.flaws];
  const own = [...source.problems, ...flaws.slice(0, MAX_PROBLEMS).map(source.place)];
  const problems = [...own.sort(byPlace), ...companions.problems];
  if (!result.success || problems.length > 0) throw new ConfigError(problems);
  return finish(result.data, companions, { ...loading, place: source.place });
}

function byPlace(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column;
}
