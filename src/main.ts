/**
 * Where the program begins. Everything is done by the command; the process ends by itself when nothing is left to do,
 * so that what was written to pipes arrives.
 */
import { runCli } from './cli.ts';

process.exitCode = await runCli(process.argv.slice(2));
