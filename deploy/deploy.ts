/** `deploy/deploy`: puts Weir in, both tiers, step by step (docs/deploy.md has the steps and what to do where one fails). */
import { deployMain } from './lib/deploy-main.ts';
import { runProgram } from './lib/program.ts';

await runProgram(deployMain);
