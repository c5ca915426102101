/** `deploy/rollback`: back to another policy, another version, or the proxy of before (docs/rollback.md). */
import { runProgram } from './lib/program.ts';
import { rollbackMain } from './lib/rollback-main.ts';

await runProgram(rollbackMain);
