/**
 * Loaded ahead of a test (`--import`): `tap` is one file, which scripts/lib/bundle-tap.ts has made of its hundreds, so that a test file
 * starts in half the time.
 */
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { TAP_IN_ONE } from './bundle-tap.ts';

const url = pathToFileURL(TAP_IN_ONE).href;

registerHooks({
  resolve: (name, context, next) =>
    name === 'tap' ? { url, format: 'module', shortCircuit: true } : next(name, context),
});
