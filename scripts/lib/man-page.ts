/**
 * weir.1, out of what `--help` says: of the program itself, then of each command in a section of its own. Owns how yargs lays out a help
 * text, and the little of roff that is needed; decides nothing about what is said.
 */

interface Item {
  readonly term: string;
  readonly says: string;
}

/** Of a help text: a heading without its colon, undefined for what stands before the first, and the lines under it. */
interface Part {
  readonly heading: string | undefined;
  readonly lines: readonly string[];
}

/** What the page is of. */
export interface Page {
  /** `weir --help`, or that of a command. @throws where it does not answer */
  readonly helpOf: (command?: string) => string;
  readonly version: string;
  /** As 2026-11-28. */
  readonly date: string;
}

/** Options of every command. */
const EVERYWHERE = ['--help', '--version'];
const FILES: readonly Item[] = [
  { term: '/etc/weir/weir.yaml', says: 'Configuration of the service.' },
  { term: '/var/log/weir', says: 'What it records, where the configuration says so.' },
  { term: '/usr/share/doc/weir', says: 'Examples, licences, and the list of what the program is made of.' },
];

/** @throws {Error} where the help names no command, which is a change of its form */
export function manPage({ helpOf, version, date }: Page): string {
  const parts = partsOf(helpOf());
  const [usage = '', ...about] = introduction(parts);
  const commands = itemsOf(under(parts, 'Commands'));
  if (commands.length === 0) throw new Error('Cannot write the man page: "weir --help" lists no commands');
  const names = commands.map(({ term }) => term.split(' ')[1] ?? '');
  return [
    `.TH WEIR 1 ${date} "Weir ${version}" "User Commands"`,
    '.SH NAME',
    "weir \\- forward proxy for a company's outgoing traffic",
    '.SH SYNOPSIS',
    `.B ${quoted(usage)}`,
    '.SH DESCRIPTION',
    ...about.map(quoted),
    ...parts.filter(({ heading }) => heading !== undefined).flatMap((part) => rendered(part, '.SH')),
    ...names.flatMap((name) => section(name, partsOf(helpOf(name)))),
    '.SH FILES',
    ...FILES.flatMap(tagged),
    '',
  ].join('\n');
}

/** A command's own section. What every command knows is not said again. */
function section(name: string, parts: readonly Part[]): readonly string[] {
  const [usage = '', ...about] = introduction(parts);
  const body = parts.filter(({ heading }) => heading !== undefined).flatMap((part) => rendered(part, '.SS'));
  return [
    `.SH "WEIR ${quoted(name.toUpperCase())}"`,
    `.B ${quoted(usage)}`,
    '.PP',
    ...about.map(quoted),
    ...body,
  ];
}

function partsOf(help: string): readonly Part[] {
  const parts: { heading: string | undefined; lines: string[] }[] = [{ heading: undefined, lines: [] }];
  for (const line of help.split('\n')) {
    const heading = /^([A-Z]\w*(?: \w+)?):(?: +(\S.*))?$/.exec(line);
    if (heading === null) parts.at(-1)?.lines.push(line);
    else parts.push({ heading: heading[1], lines: heading[2] === undefined ? [] : [heading[2]] });
  }
  return parts;
}

const under = (parts: readonly Part[], heading: string | undefined): readonly string[] =>
  parts.find((part) => part.heading === heading)?.lines ?? [];

/** What stands before the first heading: the usage, then what the command is for. */
const introduction = (parts: readonly Part[]): readonly string[] =>
  under(parts, undefined).filter((line) => line !== '');

function rendered({ heading = '', lines }: Part, macro: '.SH' | '.SS'): readonly string[] {
  const title = `${macro} "${macro === '.SH' ? heading.toUpperCase() : heading}"`;
  const items = itemsOf(lines);
  if (items.length === 0) return [title, ...lines.filter((line) => line !== '').map(quoted)];
  const own = macro === '.SH' ? items : items.filter(({ term }) => !EVERYWHERE.includes(term));
  return own.length === 0 ? [] : [title, ...own.flatMap(tagged)];
}

/** Terms and what is said of them, from two columns; none where the lines are a paragraph. */
function itemsOf(lines: readonly string[]): readonly Item[] {
  const items: { term: string; says: string }[] = [];
  let column = Infinity;
  for (const line of lines) {
    const [, term, gap = '', says = ''] = /^( +\S.*?)(?:( {2,})(\S.*))?$/.exec(line) ?? [];
    if (term === undefined) continue;
    const indent = line.length - line.trimStart().length;
    if (indent >= column) {
      const last = items.at(-1);
      if (last !== undefined) last.says = `${last.says} ${line.trim()}`.trim();
      continue;
    }
    if (says !== '') column = Math.min(column, term.length + gap.length);
    items.push({ term: term.trim(), says });
  }
  return items.map(({ term, says }) => ({ term, says: withoutColumns(says) }));
}

/** The type of an option stands in a third column, which a page that is as wide as the reader's window cannot have. */
function withoutColumns(says: string): string {
  return says
    .replaceAll(/ *\[boolean\]/g, '')
    .replaceAll(/ *(\[[^\]]*\])/g, ' $1')
    .trim();
}

function tagged({ term, says }: Item): readonly string[] {
  return ['.TP', `.B ${quoted(term)}`, ...(says === '' ? [] : [quoted(says)])];
}

/** A hyphen is one that can be copied into a shell; nothing is taken for a request of roff. */
function quoted(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&')
    .replaceAll('"', '\\(dq');
}
