/** The few numbers that README.md shows, between two marks that stay where they are. */
import { median } from '../stats/spread.ts';
import { type Results, valuesOf } from './results.ts';
import { digits, told } from './units.ts';

const BEGIN = '<!-- bench:begin, written by npm run bench:docs -->';
const END = '<!-- bench:end -->';

/** What is said of each kind of work, in the words of a reader. */
const LINES: readonly (readonly [workload: string, words: string])[] = [
  ['set-up', 'a tunnel set up and closed'],
  ['download-1', 'a GB through one tunnel'],
  ['get-1k', 'a plain HTTP request'],
];

function ratioLines(results: Results): readonly string[] {
  return LINES.flatMap(([workload, words]) => {
    const of = (subject: string): readonly number[] =>
      valuesOf(results, { workload, subject, metric: 'cpu' });
    const [ours, theirs] = [of('weir'), of('squid')];
    if (ours.length === 0 || theirs.length === 0) return [];
    const [mine, other] = [median(ours), median(theirs)];
    return [`| ${words} | ${digits(mine / other)} × | ${told('cpu', mine)} | ${told('cpu', other)} |`];
  });
}

/** What stands between the marks. */
export function headline(results: Results): string {
  const { rounds, machine, commit, isQuick } = results;
  if (isQuick) return 'Not measured yet: the last run was a quick one.';
  return [
    '| CPU for | ÷ Squid | Weir | Squid |',
    '| --- | ---: | ---: | ---: |',
    ...ratioLines(results),
    '',
    `Medians of ${rounds} interleaved rounds of \`${results.command}\` at ${commit.slice(0, 12)}, ${machine.cores} cores.`,
  ].join('\n');
}

/** `readme` with the headline of `results` in its place. @throws where the marks are missing */
export function withHeadline(readme: string, results: Results): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('Cannot write the headline: README.md has lost its marks');
  return `${readme.slice(0, begin + BEGIN.length)}\n${headline(results)}\n${readme.slice(end)}`;
}
