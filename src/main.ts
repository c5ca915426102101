/**
 * Where the program begins, as what its users call or as a worker that a supervisor has started. Everything is done by the command;
 * the process ends by itself when nothing is left to do, so that what was written to pipes arrives.
 */
import process from 'node:process';

/** Loads what one of the two needs, and no more. */
async function main([word, ...more]: readonly string[]): Promise<number> {
  const isWorker = word === 'worker' && more.length === 0 && process.connected;
  if (isWorker) {
    const { runWorker } = await import('./worker.ts');
    return runWorker();
  }
  const { runCli } = await import('./cli.ts');
  return runCli(process.argv.slice(2));
}

const exitCode = main(process.argv.slice(2));
// No await here: as a single executable the program is no module.
void exitCode.then((code) => {
  process.exitCode = code;
});
