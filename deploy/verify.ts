/** `deploy/verify`: shows that both tiers work and that nobody gets around them (docs/rollback.md, "Verify"). */
import { runProgram } from './lib/program.ts';
import { verifyMain } from './lib/verify-main.ts';

await runProgram(verifyMain);
