/**
 * How the demo looks: what the client saw, and the log lines of both tiers in two columns, or one under the other where the
 * terminal is narrow. Makes text and prints none; colours only where `styleText` finds a terminal that wants them.
 */
import { styleText } from 'node:util';
import type { Expected, Observed } from './demo-outcome.ts';
import type { AccessLine } from './weir-process.ts';

/** One request of the demo with all that is known about it. */
export interface Played {
  readonly title: string;
  /** Why it comes out as it does. */
  readonly story: string;
  readonly command: string;
  readonly expected: Expected;
  readonly observed: Observed;
  /** In what it is not as expected. */
  readonly differences: readonly string[];
}

/** Fields of the access log that are shown, in this order. The policy's hash and the like are left out for want of room. */
const FIELDS = [
  ...['event', 'method', 'target', 'client_ip', 'outcome', 'reason', 'status', 'error', 'rule', 'route'],
  ...['peer', 'upstream_ip', 'bytes_from_client', 'bytes_to_client', 'duration_ms', 'closed_by', 'detail'],
];
const LABEL = 19;
/** Two columns narrower than this are worse than one. */
const LEAST_COLUMN = 28;
const MOST_COLUMN = 44;
const NOTHING = '(nothing: the request never got here)';

const dim = (text: string): string => styleText('dim', text);
const bold = (text: string): string => styleText('bold', text);
const mark = (isGood: boolean): string => (isGood ? styleText('green', '✓') : styleText('red', '✗'));

/** One act, whole. */
export function renderAct(played: Played, number: number, columns: number): string {
  const { answer, output } = played.observed;
  const statusColour = answer.status < 300 ? 'green' : 'yellow';
  const body = answer.body === '' ? [] : ['', ...answer.body.split('\n')];
  const said = [`Proxy-Status: ${answer.proxyStatus}`, ...body].flatMap((line) => wrap(line, columns - 3));
  return [
    bold(`${number}  ${played.title}`),
    ...wrap(played.story, Math.min(columns, 100) - 3).map((line) => `   ${line}`),
    '',
    `   ${dim('$')} ${played.command}`,
    ...output.split('\n').map((line) => `   ${line}`),
    '',
    `   ${dim('what the proxy answered')}`,
    `   ${styleText(statusColour, answer.statusLine)}`,
    ...said.map((line) => `   ${line}`.trimEnd()),
    '',
    `   ${dim(`what both tiers logged about transaction ${answer.transaction}`)}`,
    ...renderLogs(played.observed, columns - 3).map((line) => `   ${line}`.trimEnd()),
  ].join('\n');
}

/** What came of it all: a line for each act, and for each difference. */
export function renderSummary(acts: readonly Played[]): string {
  const lines = acts.flatMap(({ title, observed, differences }) => [
    `${mark(differences.length === 0)} ${title}: ${observed.answer.statusLine.replace('HTTP/1.1 ', '')}`,
    ...differences.map((difference) => `    ${styleText('red', difference)}`),
  ]);
  return [bold('Summary'), ...lines].join('\n');
}

/** The final records of both tiers, at most `columns` wide where a single word is not longer. */
export function renderLogs({ t1, t2 }: Pick<Observed, 't1' | 't2'>, columns: number): readonly string[] {
  const column = Math.min(Math.floor((columns - LABEL) / 2) - 2, MOST_COLUMN);
  const shown = FIELDS.filter((field) => t1?.[field] !== undefined || t2?.[field] !== undefined);
  if (column < LEAST_COLUMN) {
    return [...oneUnderTheOther(t1, 'tier 1', columns), '', ...oneUnderTheOther(t2, 'tier 2', columns)];
  }
  return [
    `${''.padEnd(LABEL)}${bold('tier 1'.padEnd(column))}  ${bold('tier 2')}`,
    ...shown.flatMap((field, index) => {
      const left = wrap(cellOf(t1, field, index), column);
      const right = wrap(cellOf(t2, field, index), column);
      return Array.from({ length: Math.max(left.length, right.length) }, (_, row) => {
        const label = dim((row === 0 ? field : '').padEnd(LABEL));
        return `${label}${(left[row] ?? '').padEnd(column)}  ${right[row] ?? ''}`;
      });
    }),
  ];
}

function oneUnderTheOther(line: AccessLine | undefined, title: string, columns: number): readonly string[] {
  if (line === undefined) return [bold(title), ...wrap(NOTHING, columns)];
  const rows = FIELDS.filter((field) => line[field] !== undefined).flatMap((field) => {
    const [first, ...more] = wrap(String(line[field]), columns - LABEL);
    return [`${dim(field.padEnd(LABEL))}${first}`, ...more.map((text) => `${''.padEnd(LABEL)}${text}`)];
  });
  return [bold(title), ...rows];
}

/** The value as text; of a tier without a record the first row says so. */
function cellOf(line: AccessLine | undefined, field: string, index: number): string {
  if (line === undefined) return index === 0 ? NOTHING : '';
  return String(line[field] ?? '');
}

/** Breaks `text` at spaces; what has none is broken where it must be. */
function wrap(text: string, width: number): readonly string[] {
  const lines = [''];
  for (const word of text.split(' ').flatMap((word) => chunksOf(word, width))) {
    const last = lines.at(-1) as string;
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function chunksOf(word: string, width: number): readonly string[] {
  return word.match(new RegExp(`.{1,${Math.max(width, 1)}}`, 'gu')) ?? [''];
}
