/** The files that a configuration names: reads them, finds what is wrong with them, and keeps their digests. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { DomainPattern } from '#match/domains.ts';
import { parseDomainFile } from './domain-file.ts';
import { decodeText, digestOf, readBounded } from './files.ts';
import type { Outline, Reference } from './outline.ts';
import { type Flaw, formatPath, type Problem } from './problems.ts';

/** What the named files hold. */
export interface Companions {
  /** By name as written. */
  readonly domains: ReadonlyMap<string, readonly DomainPattern[]>;
  /** SHA-256 in hexadecimal of the contents, by absolute path. */
  readonly digests: ReadonlyMap<string, string>;
  /** Files that cannot be read, by the key that names them. */
  readonly flaws: readonly Flaw[];
  /** Mistakes inside the files. */
  readonly problems: readonly Problem[];
}

/** A file as it is shown: relative paths begin at the configuration file's directory. */
export function besides(file: string, name: string): string {
  return isAbsolute(name) ? name : join(dirname(file), name);
}

/** Reads every file that the configuration in `file` names, each once. Never rejects. */
export async function readCompanions(outline: Outline, file: string): Promise<Companions> {
  const domains = new Map<string, readonly DomainPattern[]>();
  const digests = new Map<string, string>();
  const flaws: Flaw[] = [];
  const problems: Problem[] = [];

  const read = async ({ name, path }: Reference): Promise<string | undefined> => {
    const shown = besides(file, name);
    try {
      const bytes = await readBounded(shown);
      digests.set(resolve(shown), digestOf(bytes));
      return decodeText(shown, bytes);
    } catch (error) {
      const fix = 'Check the name; relative ones begin at the directory of this file';
      flaws.push({ path, at: 'value', message: (error as Error).message, fix });
      return undefined;
    }
  };

  for (const { domainFile } of outline.acls ?? []) {
    if (domainFile === undefined || domains.has(domainFile.name)) continue;
    const text = await read(domainFile);
    const source = { file: besides(file, domainFile.name), path: formatPath(domainFile.path) };
    const found = text === undefined ? undefined : parseDomainFile(text, source);
    problems.push(...(found?.problems ?? []));
    domains.set(domainFile.name, found?.domains ?? []);
  }
  if (outline.hostsFile !== undefined && outline.hostsFile.name !== 'none') await read(outline.hostsFile);
  return { domains, digests, flaws, problems };
}
