/**
 * `node scripts/lib/keep-compiled.ts PROGRAM KEPT ARGUMENT...`: runs the bundled program with these arguments, and when it ends keeps
 * what V8 has compiled of it by then. Most functions are compiled only when they are called, so what is kept is what a start calls.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { compileProgram, runProgram } from '../../src/whole-program.ts';

const [program = '', kept = '', ...args] = process.argv.slice(2);
const script = compileProgram(readFileSync(program, 'latin1'));
process.once('exit', () => writeFileSync(kept, script.createCachedData()));
process.argv = [process.execPath, process.execPath, ...args];
runProgram(script);
