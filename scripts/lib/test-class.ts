/**
 * tap compiles its test class from the plugins in .taprc, once in each checkout. Without it a run fails, and the types of
 * `t` are not those the tests are written for.
 */
import { type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

export const ROOT = join(import.meta.dirname, '../..');
const BIN = join(ROOT, 'node_modules/.bin');
export const TAP = join(BIN, 'tap');

interface Surroundings {
  readonly stdio: StdioOptions;
  readonly env?: Readonly<Record<string, string>>;
}

/** Builds the class where this checkout has none yet. @returns whether it is there */
export async function ensureTestClass(): Promise<boolean> {
  return hasTestClass() || (await run(TAP, ['build']));
}

/** Starts a program of this project with our Node first in PATH; `env` is what it gets beside our variables. */
export function start(program: string, args: readonly string[], { stdio, env }: Surroundings) {
  const path = `${BIN}:${process.env.PATH ?? ''}`;
  return spawn(program, args, { cwd: ROOT, env: { ...process.env, PATH: path, ...env }, stdio });
}

/** Runs a program to its end, its output on our terminal. */
export async function run(program: string, args: readonly string[]): Promise<boolean> {
  const [status] = await once(start(program, args, { stdio: ['ignore', 'inherit', 'inherit'] }), 'close');
  return status === 0;
}

/** tap compiles its test class from the plugins in .taprc, and a run without that class fails. */
function hasTestClass(): boolean {
  const built = join(ROOT, 'node_modules/@tapjs/test/test-built');
  const main = join(built, 'dist/esm/index.js');
  const plugins = [...readFileSync(join(ROOT, '.taprc'), 'utf8').matchAll(/^ {2}- "(@tapjs\/[\w-]+)"$/gm)];
  if (!existsSync(main) || !existsSync(join(built, 'node_modules/@tapjs'))) return false;
  const text = readFileSync(main, 'utf8');
  return plugins.every(([, name]) => text.includes(`"${name}"`));
}
