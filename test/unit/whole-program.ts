import process from 'node:process';
import t from 'tap';
import { compileProgram, runProgram } from '#whole-program.ts';

/** A program that says what it was given, where this test finds it. */
const PROGRAM = `(function (require) { process.emit('given', require('node:path')); })`;

t.test('runProgram() gives a program the modules of Node', async (t) => {
  const given = new Promise((resolve) => process.once('given' as 'exit', resolve));
  runProgram(compileProgram(PROGRAM));
  t.equal(await given, process.getBuiltinModule('node:path'));
});

t.test('runProgram() gives it nothing that lies on the disk', async (t) => {
  for (const name of ['yaml', './package.json', `${import.meta.dirname}/cli.ts`]) {
    const program = compileProgram(`(function (require) { require(${JSON.stringify(name)}); })`);
    t.throws(() => runProgram(program), { message: `Cannot load "${name}": it is no module of Node` });
  }
});

t.test(
  'compileProgram() takes what V8 compiled of the same text, and passes over that of another',
  async (t) => {
    const kept = compileProgram(PROGRAM).createCachedData();
    t.equal(compileProgram(PROGRAM, kept).cachedDataRejected, false);
    t.equal(compileProgram(`${PROGRAM} `, kept).cachedDataRejected, true);
  },
);
