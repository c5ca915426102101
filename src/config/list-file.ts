/**
 * Files of domains, regular expressions, users or keys: one on each line, `#` begins a comment, empty lines are skipped. Every bad line
 * is a problem with its own place.
 */
import { type HopKey, parseHopKey } from '#hop/hop-key.ts';
import { parseUserLine, type User } from '#identity/users.ts';
import { type DomainPattern, parseDomainPattern } from '#match/domains.ts';
import { type Pattern, parsePattern } from '#match/patterns.ts';
import { type Problem, showValue, splitComplaint } from './problems.ts';

/** A file that is no such list at all should not report a million lines. */
const MAX_PROBLEMS = 100;

/** What the lines of a file are. */
export interface ListFormat<T> {
  /** @throws {Error} naming the text and the fix */
  readonly parse: (text: string) => T;
  readonly comment: RegExp;
  readonly noun: string;
  readonly example: string;
  /** What to show of a line that is wrong. */
  readonly show: (line: string) => string | undefined;
}

export const DOMAIN_LIST: ListFormat<DomainPattern> = {
  parse: parseDomainPattern,
  comment: /(^|\s)#.*$/,
  noun: 'domain',
  example: 'Write one domain on each line, such as .example.com',
  show: showQuoted,
};

export const PATTERN_LIST: ListFormat<Pattern> = {
  parse: parsePattern,
  // Behind the start of a line it could belong to the expression.
  comment: /^\s*#.*$/,
  noun: 'pattern',
  example: String.raw`Write one pattern on each line, such as ^api-\d+\.example\.com$`,
  show: showQuoted,
};

export const USER_LIST: ListFormat<User> = {
  parse: parseUserLine,
  comment: /^\s*#.*$/,
  noun: 'user',
  example: 'Write the line that "weir passwd" prints',
  // It may be a password.
  show: () => undefined,
};

export const KEY_LIST: ListFormat<HopKey> = {
  parse: parseHopKey,
  comment: /^\s*#.*$/,
  noun: 'key',
  example: 'Write one key on each line, as "openssl rand -base64 32" prints it',
  // It may be a secret.
  show: () => undefined,
};

export interface ListFile<T> {
  readonly entries: readonly T[];
  readonly problems: readonly Problem[];
}

/** Where a file is, and which key names it. */
export interface ListFileSource {
  /** For messages. */
  readonly file: string;
  /** For example `acls.microsoft.dstDomains.file`. */
  readonly path: string;
}

/** Reads the text of a list. Never throws. */
export function parseListFile<T>(text: string, source: ListFileSource, format: ListFormat<T>): ListFile<T> {
  const { parse, comment, noun, example, show } = format;
  const entries: T[] = [];
  const problems: Problem[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const entry = line.replace(comment, '').trim();
    if (entry === '') continue;
    try {
      entries.push(parse(entry));
    } catch (error) {
      const place = { line: index + 1, column: line.indexOf(entry) + 1 };
      const { message, fix = example } = splitComplaint((error as Error).message);
      problems.push({ ...source, ...place, message, value: show(entry), fix });
      if (problems.length === MAX_PROBLEMS) break;
    }
  }
  if (entries.length === 0 && problems.length === 0) {
    const message = `The file names no ${noun}`;
    problems.push({ ...source, line: 1, column: 1, message, value: undefined, fix: example });
  }
  return { entries, problems };
}

function showQuoted(line: string): string {
  return showValue(JSON.stringify(line));
}
