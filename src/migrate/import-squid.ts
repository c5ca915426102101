/**
 * From a squid.conf to a configuration of Weir's with a report: reads it, has its policy translated, then by the table of
 * directives the rest, and sees to it that nothing goes untold.
 */
import { nearest } from '#config/nearest.ts';
import { USERS_FILE } from './acl-users.ts';
import { directives } from './directives.ts';
import { Draft, needsUsers } from './draft.ts';
import type { Finding } from './finding.ts';
import { translatePolicy } from './policy.ts';
import { readSquid } from './read.ts';
import { Report } from './report.ts';
import type { Statement } from './statement.ts';
import { writeYaml } from './write-yaml.ts';

export interface ImportOptions {
  /** IANA name of the zone on whose clock Squid runs. */
  readonly timeZone: string;
  /** What to read in place of the file, which then is a name for it. */
  readonly stream?: AsyncIterable<Buffer> | undefined;
}

export interface Imported {
  /** A configuration file. */
  readonly yaml: string;
  /** Beside the configuration, where it needs users: a file in which nobody is yet. */
  readonly usersFile: string | undefined;
  /** In the order of the directives. */
  readonly findings: readonly Finding[];
}

/** Directives that are told by the parts that translate them; where one has nothing to say, they mean the same. */
const OWN = [
  'acl',
  'http_access',
  'include',
  'http_port',
  'https_port',
  'cache_peer',
  'cache_peer_access',
  'always_direct',
  'never_direct',
  'deny_info',
  'delay_pools',
  'delay_class',
  'delay_access',
  'delay_parameters',
];

/**
 * Translates `file`.
 * @throws {Error} with a message for people where it cannot be read, or is no squid.conf
 */
export async function importSquid(file: string, { timeZone, stream }: ImportOptions): Promise<Imported> {
  const report = new Report();
  const source = await readSquid(file, report.tell, stream);
  refuseOther(file, source.statements, report);
  const draft = new Draft();
  await translatePolicy(source, { draft, report, timeZone });
  translateRest(source.statements, draft, report);
  const head = [`From ${file}, by weir import. Read its report before anybody uses this.`];
  const usersFile = needsUsers(draft) ? USERS_FILE : undefined;
  return { yaml: writeYaml(draft, head), usersFile, findings: report.findings };
}

/** What has no directive, or none that is known, was meant for something else. @throws {Error} */
function refuseOther(file: string, statements: readonly Statement[], report: Report): void {
  const known = new Set([...directives().keys(), ...OWN]);
  if (report.findings.length > 0 || statements.some(({ name }) => known.has(name))) return;
  const why = statements.length === 0 ? 'it has no directive' : 'none of its lines begins with a directive';
  throw new Error(`Cannot read "${file}": this is no squid.conf, ${why}`);
}

function translateRest(statements: readonly Statement[], draft: Draft, report: Report): void {
  const table = directives();
  for (const statement of statements) {
    const setting = table.get(statement.name);
    if (setting !== undefined) setting(statement, draft, report.tell);
    else if (!OWN.includes(statement.name)) tellUnknown(statement, [...table.keys(), ...OWN], report);
    if (!report.isTold(statement)) report.tell(statement, 'same', 'As the routes say');
  }
}

function tellUnknown(statement: Statement, names: readonly string[], report: Report): void {
  const guess = nearest(statement.name, names);
  const hint = guess === undefined ? '' : `; is it "${guess}"?`;
  report.tell(statement, 'error', `Squid has no directive "${statement.name}"${hint}`);
}
