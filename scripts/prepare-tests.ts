/** First step of `npm run check`: what `tsc` has to find before it can judge the tests. */
import process from 'node:process';
import { ensureTestClass } from './lib/test-class.ts';

if (!(await ensureTestClass())) process.exitCode = 1;
