/** The few numbers that README.md shows, between two marks that stay where they are. */
import { median } from '../stats/spread.ts';
import { type Judged, judge, type Standing } from './judge.ts';
import { busyNote, shortCommit } from './provenance.ts';
import { type Results, valuesOf } from './results.ts';
import { digitsBeside, told } from './units.ts';

const BEGIN = '<!-- bench:begin, written by npm run bench:docs -->';
const END = '<!-- bench:end -->';

/** What is said of each kind of work, in the words of a reader. */
const LINES: readonly (readonly [workload: string, words: string])[] = [
  ['set-up', 'a tunnel set up and closed'],
  ['download-1', 'a GB through one tunnel'],
  ['get-1k', 'a plain HTTP request'],
];

const isReached = (standing: Standing): boolean => standing === 'must' || standing === 'aim';

function ratioLine(words: string, { row, value, standing }: Judged, results: Results): string {
  const { measured, base = measured, must } = row;
  const promised = `≤ ${must} × ${isReached(standing) ? '✓' : '✗'}`;
  if (value === undefined) return `| ${words} | not measured | ${promised} | | |`;
  const costs = [measured, base].map((query) => told('cpu', median(valuesOf(results, query))));
  return `| ${words} | ${digitsBeside(value.median, [must])} × | ${promised} | ${costs.join(' | ')} |`;
}

function ratioLines(results: Results, judged: readonly Judged[]): readonly string[] {
  return LINES.flatMap(([workload, words]) => {
    const found = judged.find(
      ({ row: { measured, base } }) =>
        measured.workload === workload && measured.subject === 'weir' && base?.subject === 'squid',
    );
    return found === undefined ? [] : [ratioLine(words, found, results)];
  });
}

/** What stands between the marks. */
function headline(results: Results, gaps: readonly string[]): string {
  const { rounds, machine, commit, command, isQuick } = results;
  if (isQuick) return 'Not measured yet: the last run was a quick one.';
  const judged = judge(results);
  const reached = judged.filter(({ standing }) => isReached(standing)).length;
  return [
    '| CPU for | ÷ Squid | promised | Weir | Squid |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...ratioLines(results, judged),
    '',
    ...(gaps.length === 0 ? [] : [`**A part of a run: ${gaps.join('; ')}.**`]),
    `${reached} of ${judged.length} promises are reached: [docs/performance.md](docs/performance.md) has them all.`,
    `Medians of ${rounds} interleaved rounds of \`${command}\` at ${shortCommit(commit)}, ${machine.cores} cores.${busyNote(machine)}`,
  ].join('\n');
}

/** `readme` with the headline of `results`, which tells of `gaps`, in its place. @throws where the marks are missing */
export function withHeadline(readme: string, results: Results, gaps: readonly string[] = []): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('Cannot write the headline: README.md has lost its marks');
  return `${readme.slice(0, begin + BEGIN.length)}\n${headline(results, gaps)}\n${readme.slice(end)}`;
}
