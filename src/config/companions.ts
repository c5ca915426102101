/** The files that a configuration names: reads them, finds what is wrong with them, and keeps their digests. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { HopKey } from '#hop/hop-key.ts';
import type { User } from '#identity/users.ts';
import type { DomainPattern } from '#match/domains.ts';
import { LONGEST_HOST, LONGEST_URL } from '#match/expressions.ts';
import { boundPatterns, type Pattern } from '#match/patterns.ts';
import { decodeText, digestOf, readBounded } from './files.ts';
import {
  DOMAIN_LIST,
  KEY_LIST,
  type ListFormat,
  PATTERN_LIST,
  parseListFile,
  USER_LIST,
} from './list-file.ts';
import type { Outline, Reference } from './outline.ts';
import { type Flaw, formatPath, type Problem, splitComplaint } from './problems.ts';
import { readTexts, textFlaws, textReferences } from './tls-files.ts';

/** What the named files hold. */
export interface Companions {
  /** By name as written. */
  readonly domains: ReadonlyMap<string, readonly DomainPattern[]>;
  readonly patterns: ReadonlyMap<string, readonly Pattern[]>;
  /** Of `auth.usersFile`. */
  readonly users: readonly User[];
  /** Of `hop`, by name as written. */
  readonly keys: ReadonlyMap<string, readonly HopKey[]>;
  /** Of certificates, keys and passwords, by name as written. */
  readonly texts: ReadonlyMap<string, string>;
  /** SHA-256 in hexadecimal of the contents, by absolute path. */
  readonly digests: ReadonlyMap<string, string>;
  /** Files of secrets that were not to be read, as they are shown. */
  readonly unread: readonly string[];
  /** Files that cannot be read, by the key that names them. */
  readonly flaws: readonly Flaw[];
  /** Mistakes inside the files. */
  readonly problems: readonly Problem[];
}

/** A file as it is shown: relative paths begin at the configuration file's directory. */
export function besides(file: string, name: string): string {
  return isAbsolute(name) ? name : join(dirname(file), name);
}

/**
 * Reads every file that the configuration in `file` names, each once; without `secrets` none of certificates, keys and passwords.
 * Never rejects.
 */
export async function readCompanions(
  outline: Outline,
  file: string,
  { secrets = true }: { readonly secrets?: boolean } = {},
): Promise<Companions> {
  if (secrets) return { ...(await readAll(outline, file)), unread: [] };
  const { keyFiles, logs } = outline;
  const names = [...textReferences(outline), ...keyFiles].map(({ name }) => besides(file, name));
  const without = { ...outline, keyFiles: [], tls: [], passwordFiles: [], logs: { ...logs, key: undefined } };
  return { ...(await readAll(without, file)), unread: [...new Set(names)] };
}

async function readAll(outline: Outline, file: string): Promise<Omit<Companions, 'unread'>> {
  const domains = new Map<string, readonly DomainPattern[]>();
  const patterns = new Map<string, readonly Pattern[]>();
  const keys = new Map<string, readonly HopKey[]>();
  const digests = new Map<string, string>();
  const [flaws, problems]: [Flaw[], Problem[]] = [[], []];

  const read = async ({ name, path }: Reference): Promise<string | undefined> => {
    const shown = besides(file, name);
    try {
      const bytes = await readBounded(shown);
      digests.set(resolve(shown), digestOf(bytes));
      return decodeText(shown, bytes);
    } catch (error) {
      flaws.push({ path, at: 'value', message: (error as Error).message, fix: cureOf(error) });
      return undefined;
    }
  };

  const readList = async <T>(
    reference: Reference,
    lists: Map<string, readonly T[]>,
    format: ListFormat<T>,
  ): Promise<readonly T[]> => {
    const { name, path } = reference;
    const known = lists.get(name);
    if (known !== undefined) return known;
    const text = await read(reference);
    const source = { file: besides(file, name), path: formatPath(path) };
    const found = text === undefined ? undefined : parseListFile(text, source, format);
    problems.push(...(found?.problems ?? []));
    lists.set(name, found?.entries ?? []);
    return found?.entries ?? [];
  };

  for (const { domainFile, patternFiles } of outline.acls ?? []) {
    if (domainFile !== undefined) await readList(domainFile, domains, DOMAIN_LIST);
    for (const reference of patternFiles) {
      flaws.push(...costFlaws(reference, await readList(reference, patterns, PATTERN_LIST)));
    }
  }
  for (const reference of outline.keyFiles)
    flaws.push(...keyFlaws(reference, await readList(reference, keys, KEY_LIST)));
  const { usersFile } = outline;
  const users =
    usersFile === undefined ? [] : await readList(usersFile, new Map<string, readonly User[]>(), USER_LIST);
  if (usersFile !== undefined) flaws.push(...duplicateUsers(usersFile, users));
  if (outline.hostsFile !== undefined && outline.hostsFile.name !== 'none') await read(outline.hostsFile);
  const texts = await readTexts(outline, read);
  flaws.push(...textFlaws(outline, texts));
  return { domains, patterns, users, keys, texts, digests, flaws, problems };
}

/** What to do about a file that cannot be read. */
export function cureOf(error: unknown): string {
  const { cause } = error as { readonly cause?: { readonly code?: string } };
  return cause?.code === 'EACCES'
    ? 'Let the user that Weir runs as read it, and enter the folders above it: for example chown root:weir FILE && chmod 640 FILE'
    : 'Check the name; relative ones begin at the directory of this file';
}

/** What the patterns of a file cost depends on what they are held against. */
function costFlaws({ path }: Reference, patterns: readonly Pattern[]): Flaw[] {
  try {
    boundPatterns(patterns, path.includes('urlRegex') ? LONGEST_URL : LONGEST_HOST);
    return [];
  } catch (error) {
    const { message, fix = '' } = splitComplaint((error as Error).message);
    return [{ path, at: 'value', message, fix }];
  }
}

/** A key is changed for another one, and then for the next: whoever has many has forgotten to remove the old ones. */
const MAX_KEYS = 16;

function keyFlaws({ path }: Reference, keys: readonly HopKey[]): Flaw[] {
  const fix = 'Remove those that no hop signs with any more';
  if (keys.length > MAX_KEYS) {
    return [{ path, at: 'value', message: `The file has more than ${MAX_KEYS} keys`, fix }];
  }
  const kids = new Set(keys.map(({ kid }) => kid));
  if (kids.size === keys.length) return [];
  return [{ path, at: 'value', message: 'The file has the same key twice', fix: 'Remove one of the lines' }];
}

/** Which of two passwords counted would be a guess. */
function duplicateUsers({ path }: Reference, users: readonly User[]): Flaw[] {
  const names = new Set<string>();
  // As many as there are names before it, unless one of them was there twice.
  const twice = users.find(({ name }, index) => names.add(name).size === index)?.name;
  if (twice === undefined) return [];
  return [
    { path, at: 'value', message: `The file has user "${twice}" twice`, fix: 'Remove one of the lines' },
  ];
}
