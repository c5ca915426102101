/** What a command is: how it is called, and what it does. It returns the exit code and ends no process. */
import type { Argv } from 'yargs';
import { ExitCode } from '#exit-codes.ts';

export interface Command<Options> {
  /** Name and positional arguments, in yargs' notation. */
  readonly command: string;
  readonly describe: string;
  /** Options and examples. */
  builder(yargs: Argv): Argv<Options>;
  /**
   * Does it.
   * @throws {UsageError} where an argument makes no sense
   * @throws {ConfigError} where a configuration cannot be used
   */
  run(options: Options): Promise<number>;
}

/** The command line is at fault. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A file that is to be read cannot be. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly exitCode = ExitCode.NoInput;
}

/** What stands for a lone `-` among the arguments; a file of this name is `./<stdin>`. */
export const STANDARD_INPUT = '<stdin>';

/** Files to read as positional arguments. */
export function filesArgument(describe: string) {
  return { type: 'string', array: true, demandOption: true, describe } as const;
}

/**
 * Whatever the parser leaves: there is something to read, and nothing twice that can be read only once.
 * @throws {UsageError}
 */
export function refuseOddFiles(files: readonly string[], what: string): void {
  if (files.length === 0) throw new UsageError(`Name a ${what}`);
  if (files.filter((file) => file === STANDARD_INPUT).length > 1)
    throw new UsageError('Standard input can be read only once');
}

/** An option that is off unless it is given. */
export function flag(describe: string) {
  return { type: 'boolean', default: false, describe } as const;
}

/** For configurations whose keys and certificates are where they run, and not here. */
export const WITHOUT_SECRETS = flag(
  'Read no files of certificates, keys and passwords, which need not be there; nothing is said of them then',
);

/** An option with one text. Given twice it is a mistake: yargs would make a list of it. */
export function textOption(describe: string) {
  return {
    type: 'string',
    requiresArg: true,
    describe,
    coerce: (value: string | string[] | undefined): string | undefined => {
      if (value === '')
        throw new UsageError('An option has an empty value: give one, or leave the option out');
      if (value === STANDARD_INPUT)
        throw new UsageError('An option reads no standard input; a file of the name - is ./-');
      if (Array.isArray(value)) throw new UsageError(`Only one of ${value.join(' and ')} can be given`);
      return value;
    },
  } as const;
}

/** The option `name` with one whole number from 0 on. */
export function countOption(name: string, fallback: number, describe: string) {
  return {
    // As a number, a word that is none would be lost.
    type: 'string',
    requiresArg: true,
    default: fallback,
    describe,
    coerce: (value: number | string | string[]): number => {
      if (Array.isArray(value)) throw new UsageError(`Only one of ${value.join(' and ')} can be given`);
      const count = /^\d{1,15}$/.test(String(value)) ? Number(value) : undefined;
      if (count === undefined)
        throw new UsageError(`Option --${name} is a count, a whole number from 0 on, and not "${value}"`);
      return count;
    },
  } as const;
}
