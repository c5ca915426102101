/**
 * `npm run bench:docs`: writes docs/performance.md, its plots and the headline of README.md from a stored run. Numbers in documents
 * are never typed by hand. A run that cannot stand for all of them is refused, as it would take the place of one that can.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand } from '../scripts/lib/command.ts';
import { withHeadline } from './report/headline.ts';
import { renderDocs } from './report/page.ts';
import { plotsOf } from './report/plots/all.ts';
import type { Plot } from './report/plots/plot.ts';
import { gapsOf } from './report/provenance.ts';
import type { Results } from './report/results.ts';
import { loadResults } from './report/store.ts';
import { allWorkloads } from './workloads/all.ts';
import { FULL } from './workloads/sizes.ts';

const ROOT = join(import.meta.dirname, '..');
const PAGE = join(ROOT, 'docs/performance.md');
const README = join(ROOT, 'README.md');
const PLOTS = 'performance';

const HELP = `npm run bench:docs -- [options] [FOLDER [OTHER...]]

Writes docs/performance.md, its plots and the headline of README.md from the last run of npm run bench, or from the one in FOLDER.
Workloads that it leaves out are taken from the runs in OTHER, in sections of their own.

  --partial         take a run that is quick, leaves out promises or workloads, or is empty; the page says so
  --help            this text

Exit status 1 where there is no such run, and where it is a part of one and --partial is not given: nothing is written then.`;

interface Options {
  readonly folder: string | undefined;
  readonly others: readonly string[];
  readonly isPartialAllowed: boolean;
}

function parse(args: readonly string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      partial: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const [folder, ...others] = positionals;
  return { folder, others, isPartialAllowed: values.partial };
}

function write(results: Results, others: readonly Results[], gaps: readonly string[]): void {
  const plots = joinPlots([results, ...others]);
  const folder = join(ROOT, 'docs', PLOTS);
  const page = renderDocs(results, plots, { folder: PLOTS, gaps, others });
  const readme = withHeadline(readFileSync(README, 'utf8'), results, gaps);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { name, svg } of plots) writeFileSync(join(folder, `${name}.svg`), svg);
  writeFileSync(PAGE, page);
  writeFileSync(README, readme);
  console.log(`Wrote ${PAGE}, ${plots.length} plots, and the headline of ${README}`);
}

/** Of each name the first. */
function joinPlots(runs: readonly Results[]): readonly Plot[] {
  const plots = runs.flatMap(plotsOf);
  return plots.filter(({ name }, index) => plots.findIndex((plot) => plot.name === name) === index);
}

async function run({ folder, others: folders, isPartialAllowed }: Options): Promise<boolean> {
  const results = loadResults(folder);
  const others = folders.map((other) => loadResults(other));
  const names = allWorkloads(FULL).map(({ name }) => name);
  const gaps = gapsOf(results, names, others);
  if (gaps.length > 0 && !isPartialAllowed) {
    throw new Error(
      `Cannot write the page from the run of ${results.startedAt}, "${results.command}": ${gaps.join('; ')}.\n` +
        'Nothing was written. Run "npm run bench", or write a page that says what it lacks: npm run bench:docs -- --partial',
    );
  }
  write(results, others, gaps);
  return true;
}

await runCommand({ help: HELP, parse, run });
