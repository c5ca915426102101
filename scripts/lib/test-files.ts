/** Which test files there are, and how many of them run at a time: by .taprc, for a run of tap's and for ours. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './test-class.ts';

interface TestSettings {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** How long a file may take, unless it says otherwise; s. */
  readonly timeout: number;
  readonly jobs: number;
}

export function testSettings(): TestSettings {
  return parse(readFileSync(join(ROOT, '.taprc'), 'utf8')) as TestSettings;
}

/** Those that drive real programs first: they wait most, and nothing is to wait for them at the end. */
const FIRST = ['test/peers/', 'test/homes/', 'test/checks/', 'test/flow/'];

/** Within the checkout. @throws where there are none */
export function testFiles({ include, exclude }: TestSettings): readonly string[] {
  const files = globSync(include, { cwd: ROOT, exclude: [...exclude] }).toSorted();
  if (files.length === 0) throw new Error('Cannot find a test: .taprc includes none');
  const rank = (file: string): number => FIRST.findIndex((folder) => file.startsWith(folder)) >>> 0;
  return files.toSorted((a, b) => rank(a) - rank(b));
}
