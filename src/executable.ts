/**
 * Where the single executable begins: the program lies in it as one text, with what V8 made of it when it was built, so that a start
 * compiles next to nothing.
 */
import { getRawAsset } from 'node:sea';
import { compileProgram, runProgram } from './whole-program.ts';

/** The text is ASCII. */
const text = Buffer.from(getRawAsset('weir.js') as ArrayBuffer).toString('latin1');
runProgram(compileProgram(text, Buffer.from(getRawAsset('weir.js.cache') as ArrayBuffer)));
