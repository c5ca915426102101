/** Reads the `acl` lines of a squid.conf, and the files of values that they name, into the table of ACLs. */
import { nearest } from '#config/nearest.ts';
import { parseDomainPattern } from '#match/domains.ts';
import { type AclGroup, AclTable } from './acl-table.ts';
import { type AclContext, aclTypes } from './acl-types.ts';
import type { AclDraft } from './draft.ts';
import type { Tell } from './finding.ts';
import type { SquidSource } from './read.ts';
import { type Statement, type Word, wordAt } from './statement.ts';

/** What Squid 5 to 7 define themselves; lines of the file add to them. */
const BUILT_IN = [
  ['all', 'src', 'all'],
  ['localhost', 'src', '127.0.0.1/32 ::1'],
  ['to_localhost', 'dst', '127.0.0.0/8 0.0.0.0/32 ::1/128 ::/128'],
  ['to_linklocal', 'dst', '169.254.0.0/16 fe80::/10'],
  ['CONNECT', 'method', 'CONNECT'],
  ['manager', 'manager', ''],
] as const;

/** Types whose first value is a name, and whose flags may stand behind it. */
const FLAG = /^(?:[-+][a-z](?:=.*)?|--)$/;

/** What the ACLs are translated with. */
export interface AclSettings {
  readonly context: AclContext;
  /** Where the ACLs of Weir go. */
  readonly drafts: Map<string, AclDraft>;
  readonly tell: Tell;
}

/** The ACLs of a squid.conf, those that are built in with them. */
export async function readAcls(source: SquidSource, settings: AclSettings): Promise<AclTable> {
  const { context, drafts, tell } = settings;
  const table = new AclTable({ types: aclTypes(context), drafts, tell });
  for (const [name, type, values] of BUILT_IN) {
    const group = table.groupFor(name, type);
    const at = { file: 'built-in', line: 0, name: 'acl', words: [] };
    group?.values.push(
      ...values
        .split(' ')
        .filter(Boolean)
        .map((text) => ({ text, at })),
    );
  }
  for (const statement of source.statements)
    if (statement.name === 'acl') await new LineReader(table, source, tell).read(statement);
  return table;
}

class LineReader {
  readonly #table: AclTable;
  readonly #source: SquidSource;
  readonly #tell: Tell;

  constructor(table: AclTable, source: SquidSource, tell: Tell) {
    this.#table = table;
    this.#source = source;
    this.#tell = tell;
  }

  async read(line: Statement): Promise<void> {
    const [name, type] = [wordAt(line, 0), wordAt(line, 1)];
    if (name === '' || type === '') {
      this.#tell(line, 'error', 'An ACL has a name and a type');
      return;
    }
    const group = this.#groupOf(line, name, type);
    if (group === undefined) return;
    group.lines.push(line);
    // Lines that only some of the values are read of would make another ACL than was meant.
    if (!(await this.#addValues(group, line))) group.isBroken = true;
    if (group.values.length === 0 && !group.isBroken)
      this.#tell(line, 'changed', 'It has no values, so that it never holds, in Squid too');
  }

  #groupOf(line: Statement, name: string, type: string): AclGroup | undefined {
    if (!this.#table.typeNames.includes(type)) {
      const guess = nearest(type, this.#table.typeNames);
      const hint = guess === undefined ? '' : `; is it "${guess}"?`;
      this.#tell(line, 'error', `Squid has no ACL type "${type}"${hint}`);
    }
    // The built-in manager is a type of its own here; added to as Squid has it, it stays what it is.
    const isManager = name.toLowerCase() === 'manager' && ['url_regex', 'proto'].includes(type);
    const group = this.#table.groupFor(name, isManager ? 'manager' : type);
    if (group === undefined)
      this.#tell(line, 'error', `ACL "${name}" is there already, of another type; left out`);
    return group;
  }

  /** Whether all values could be read. */
  async #addValues(group: AclGroup, line: Statement): Promise<boolean> {
    const wasEmpty = group.values.length === 0;
    let [areFlags, isWhole] = [true, true];
    const sources: string[] = [];
    for (const word of line.words.slice(2)) {
      areFlags = areFlags && !word.isQuoted && FLAG.test(word.text);
      if (areFlags) group.flags.add(word.text);
      else isWhole = (await this.#addWord(group, line, word)) && isWhole;
      if (!areFlags) sources.push(word.isQuoted ? word.text : '');
    }
    const [only, ...others] = sources;
    const isList = wasEmpty && only !== undefined && only !== '' && others.length === 0;
    // A second line makes it more than a file.
    group.file =
      isList && group.values.every(({ text }) => isDomain(text)) ? this.#source.pathOf(only) : undefined;
    return isWhole;
  }

  async #addWord(group: AclGroup, at: Statement, word: Word): Promise<boolean> {
    if (!word.isQuoted) {
      group.values.push({ text: word.text, at });
      return true;
    }
    try {
      for (const text of valuesOf(await this.#source.read(word.text))) group.values.push({ text, at });
      return true;
    } catch (error) {
      this.#tell(at, 'error', `${(error as Error).message}; the ACL cannot be judged without it`);
      return false;
    }
  }
}

/** One value on each line; `#` behind a blank begins a comment. */
function valuesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/s, '').trim())
    .filter((line) => line !== '');
}

function isDomain(text: string): boolean {
  try {
    parseDomainPattern(text);
    // Squid and Weir read these otherwise.
    return !text.startsWith('*') && !text.endsWith('.') && /^[\x20-\x7e]*$/.test(text);
  } catch {
    return false;
  }
}
