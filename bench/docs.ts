/**
 * `npm run bench:docs [FOLDER]`: writes docs/performance.md, its plots and the headline of README.md from the last run, or from the
 * one in FOLDER. Numbers in documents are never typed by hand.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { withHeadline } from './report/headline.ts';
import { renderDocs } from './report/page.ts';
import { plotsOf } from './report/plots/all.ts';
import { loadResults } from './report/store.ts';

const ROOT = join(import.meta.dirname, '..');
const PAGE = join(ROOT, 'docs/performance.md');
const README = join(ROOT, 'README.md');
const PLOTS = 'performance';

try {
  const results = loadResults(process.argv[2]);
  const plots = plotsOf(results);
  const folder = join(ROOT, 'docs', PLOTS);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { name, svg } of plots) writeFileSync(join(folder, `${name}.svg`), svg);
  writeFileSync(PAGE, renderDocs(results, plots, PLOTS));
  writeFileSync(README, withHeadline(readFileSync(README, 'utf8'), results));
  console.log(`Wrote ${PAGE}, ${plots.length} plots, and the headline of ${README}`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
