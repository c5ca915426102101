/**
 * The report: what became of every directive, the worst first, with its place. Collects what the translation tells; texts are
 * shortened and made safe for a terminal, and what may hold a secret is not shown.
 */
import { showValue } from '#config/problems.ts';
import { type Finding, type Tell, VERDICTS, type Verdict } from './finding.ts';
import type { Place, Statement } from './statement.ts';

/** Directives whose words are shown. Of all others only the name is: there may be a password among their words. */
const OPEN =
  /^(?:acl|include|if|else|endif|\w+_(?:access|direct|timeout|lifetime|ttl|pattern|port|log|bump)|cache|dns_\w+|visible_hostname|unique_hostname|workers|forwarded_for|via|hosts_file|tcp_outgoing_address|logformat|delay_\w+)$/;

/** ACLs that may have one, too. */
const SECRET_ACL = /^(?:req_header|external|tag|note)$/;

const MAX_DIRECTIVE = 70;

const HEADINGS: Readonly<Record<Verdict, string>> = {
  dangerous: 'Dangerous: look at each of these before anybody uses the result',
  error: 'Errors: Squid would not take these as they stand, or they could not be read',
  changed: 'Changed: carried over, with a difference',
  dropped: 'Dropped: left out, and nothing is let through by that',
  same: 'Same',
};

/** True of every import: Weir differs from any Squid in these, whatever its file says. */
export const STANDING: readonly string[] = [
  'Squid judges a tunnel once. Weir judges open ones again after a reload and when a time begins or ends, and gives those that are not allowed any more 5 minutes to end; a rule with onRevoke: keep leaves them alone, as Squid does.',
  'Special-purpose destination addresses (private, loopback, link-local, metadata) and special names are refused, whatever a rule allows, unless guard.allow lists them.',
  'Where no rule matches, the request is denied. A TRACE is allowed only by a rule that names the method.',
  'A dot at the end of a host name makes no difference: a rule for example.com is one for example.com. too.',
  'Only CONNECT and http:// are served: a request for https://, ftp:// or cache_object:// is refused, and so is a host that is no plain name or address.',
];

export class Report {
  /** By place, in the order in which places are told of. */
  readonly #places = new Map<string, Finding[]>();
  /** Files in the order in which they are read. */
  readonly #files = new Map<string, number>();

  /** What is told of nothing in the file goes nowhere: built-in ACLs have no line. */
  readonly tell: Tell = (statement, verdict, message) => {
    const { file, line } = statement;
    if (line === 0) return;
    if (!this.#files.has(file)) this.#files.set(file, this.#files.size);
    const known = this.#places.get(keyOf(statement)) ?? [];
    if (known.some((one) => one.verdict === verdict && one.message === message)) return;
    this.#places.set(keyOf(statement), [
      ...known,
      { file, line, directive: shown(statement), verdict, message },
    ]);
  };

  /** Tells it in place of what has been told there, but for mistakes, which stay all that is told. */
  retell(statement: Statement, verdict: Verdict, message: string): void {
    const mistakes = this.#places.get(keyOf(statement))?.filter((one) => one.verdict === 'error') ?? [];
    if (mistakes.length > 0) {
      this.#places.set(keyOf(statement), mistakes);
    } else {
      this.#places.delete(keyOf(statement));
      this.tell(statement, verdict, message);
    }
  }

  /** Whether anything has been told of a place. */
  isTold(place: Place): boolean {
    return this.#places.has(keyOf(place));
  }

  /** Those of each file together, in the order of its lines. */
  get findings(): readonly Finding[] {
    const fileOf = ({ file }: Finding): number => this.#files.get(file) ?? 0;
    return [...this.#places.values()].flat().sort((a, b) => fileOf(a) - fileOf(b) || a.line - b.line);
  }
}

function keyOf({ file, line }: Place): string {
  return `${file}:${line}`;
}

function shown({ name, words }: Statement): string {
  const texts = words.map(({ text, isQuoted }) => (isQuoted ? `"${text}"` : text));
  return showValue([name, ...visible(name, texts)].join(' ')).slice(0, MAX_DIRECTIVE);
}

function visible(name: string, texts: readonly string[]): readonly string[] {
  if (name === 'cache_peer') return [...texts.slice(0, 3), '...'];
  if (!OPEN.test(name)) return texts.length === 0 ? [] : ['...'];
  const isSecret = name === 'acl' && SECRET_ACL.test(texts[1] ?? '');
  return isSecret ? [...texts.slice(0, 2), '...'] : texts;
}

/** How many findings of each verdict there are. */
export function countsOf(findings: readonly Finding[]): Readonly<Record<Verdict, number>> {
  const counts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<Verdict, number>;
  for (const { verdict } of findings) counts[verdict] += 1;
  return counts;
}

/** The report as text. */
export function reportText(findings: readonly Finding[]): string {
  const parts = VERDICTS.flatMap((verdict) => sectionOf(verdict, findings));
  const counts = Object.entries(countsOf(findings)).map(([verdict, count]) => `${count} ${verdict}`);
  return [
    ...parts,
    'Whatever the file says:',
    ...STANDING.map((line) => `  ${line}`),
    '',
    counts.join(', '),
    '',
  ].join('\n');
}

function sectionOf(verdict: Verdict, findings: readonly Finding[]): string[] {
  const lines = folded(findings.filter((finding) => finding.verdict === verdict)).map(
    ({ file, line, last, directive, message }) =>
      `  ${file}:${last === line ? line : `${line}-${last}`}: ${directive}: ${message}`.replaceAll(
        /\p{Cc}/gu,
        '?',
      ),
  );
  return lines.length === 0 ? [] : [HEADINGS[verdict], ...lines, ''];
}

interface Run extends Finding {
  readonly last: number;
}

/** Lines one behind the other that are never reached for one reason are told of once. */
function folded(findings: readonly Finding[]): Run[] {
  const runs: Run[] = [];
  for (const finding of findings) {
    const before = runs.at(-1);
    if (before !== undefined && goesOn(before, finding)) {
      const directive = `${finding.directive.split(' ', 1)[0]} (${finding.line - before.line + 1} lines)`;
      runs[runs.length - 1] = { ...before, directive, last: finding.line };
    } else {
      runs.push({ ...finding, last: finding.line });
    }
  }
  return runs;
}

function goesOn(before: Run, { file, line, message }: Finding): boolean {
  const isNext = before.file === file && before.last + 1 === line;
  return isNext && before.message === message && message.startsWith('Never reached: ');
}
