/**
 * Loaded ahead of a unit test and of Nodes that it starts (NODE_OPTIONS): writes into WEIR_COVERAGE_FOLDER what V8 counted of WEIR_COVERED,
 * the source file that the test mirrors, when the process ends. What is compiled already V8 could not tell from what never ran: no
 * compile cache.
 */
import { writeFileSync } from 'node:fs';
import { type Profiler, Session } from 'node:inspector';
import { join } from 'node:path';
import process from 'node:process';

const { WEIR_COVERED: covered, WEIR_COVERAGE_FOLDER: folder } = process.env;
if (covered === undefined || folder === undefined) throw new Error('Cannot cover a file that is not named');

const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });

process.once('exit', () => {
  session.post('Profiler.takePreciseCoverage', (error, params) => {
    if (error !== null) throw error;
    const found = of(params.result);
    if (found.length > 0) writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify(found));
  });
});

/** One that a test loads more than once is there more than once. */
function of(scripts: readonly Profiler.ScriptCoverage[]): readonly Profiler.ScriptCoverage[] {
  return scripts.filter(({ url }) => url.split(/[?#]/)[0] === covered);
}
