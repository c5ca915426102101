/** Where runs are kept: bench/results/, a folder for each with everything, and the name of the last one. Not under version control. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderReport } from './page.ts';
import { plotsOf } from './plots/all.ts';
import type { Results } from './results.ts';

const FOLDER = join(import.meta.dirname, '../results');
const LAST = join(FOLDER, 'last.txt');
const RESULTS_FILE = 'results.json';

/** Writes JSON, Markdown and plots. @returns the folder */
export function storeResults(results: Results): string {
  const folder = join(FOLDER, results.startedAt.replaceAll(':', ''));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, RESULTS_FILE), `${JSON.stringify(results, undefined, 1)}\n`);
  const plots = plotsOf(results);
  for (const { name, svg } of plots) writeFileSync(join(folder, `${name}.svg`), svg);
  writeFileSync(join(folder, 'report.md'), renderReport(results, plots, '.'));
  writeFileSync(LAST, folder);
  return folder;
}

/** The results in `folder`, or those of the last run. @throws where there are none */
export function loadResults(folder?: string): Results {
  if (folder === undefined && !existsSync(LAST)) {
    throw new Error('Cannot find results: there was no run yet. Run "npm run bench"');
  }
  const from = folder ?? readFileSync(LAST, 'utf8').trim();
  if (!existsSync(join(from, RESULTS_FILE))) {
    throw new Error(`Cannot find results: there is no ${RESULTS_FILE} in "${from}". Run "npm run bench"`);
  }
  return JSON.parse(readFileSync(join(from, RESULTS_FILE), 'utf8')) as Results;
}
