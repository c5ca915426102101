/**
 * What is wrong with a command line, in words that name the argument: the parser takes an option that it does not know
 * together with the word behind it, and then misses that word.
 */
import { nearest } from '#config/nearest.ts';

/** What was called, and what it would have taken. */
export interface Called {
  /** Words of the command line, up to `--`. */
  readonly words: readonly string[];
  /** The command in yargs' notation; undefined where none was named. */
  readonly command: string | undefined;
  /** Names of its options, without hyphens in front. */
  readonly options: readonly string[];
}

/** The message of the parser, or one that says more. */
export function usageMessage(message: string, called: Called): string {
  const unknown = called.words.flatMap(optionIn).find((name) => !isKnown(name, called.options));
  if (unknown !== undefined) {
    const guess = nearest(unknown, called.options);
    return `Unknown argument: ${unknown}${guess === undefined ? '' : `\nDid you mean --${guess}?`}`;
  }
  const given = /^Not enough non-option arguments: got (\d+)/.exec(message)?.[1];
  if (given === undefined || called.command === undefined) return message;
  const names = [...called.command.matchAll(/<([^>.]+)/g)].map(([, name]) => name);
  return `Missing argument: ${names[Number(given)]}, as in "weir ${called.command}"`;
}

/** The name of the option that a word is; none where it is something else. */
function optionIn(word: string): string[] {
  const name = /^--([^=]+)/.exec(word)?.[1];
  return name === undefined ? [] : [name];
}

/** The parser takes timeZone for time-zone, too. */
function isKnown(name: string, options: readonly string[]): boolean {
  const withHyphens = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return options.includes(name) || options.includes(withHyphens);
}
