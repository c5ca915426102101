/**
 * What of a source file was never run, from what scripts/lib/cover.ts wrote of it. Type stripping leaves everything where it was, so that
 * V8's places are those of the source.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { join } from 'node:path';

const UNIT = 'test/unit/';

/**
 * A unit test covers exactly the source file that it mirrors, every other test covers nothing: what a flow test happens to run is not
 * thereby tested.
 */
export function coveredBy(test: string): string | undefined {
  const source = test.startsWith(UNIT) ? `src/${test.slice(UNIT.length)}` : undefined;
  return source !== undefined && existsSync(source) ? source : undefined;
}

/** Where the unit test of `path` (`src/a.ts`) leaves what its processes covered, within the folder of a checkout. */
export function coverageFolder(path: string): string {
  return `.tap/covered/${path}`;
}

export interface Missing {
  readonly lines: readonly number[];
  /** As `7` or `7-9`. */
  readonly branches: readonly string[];
  /** With their lines. */
  readonly functions: readonly string[];
}

type Scripts = readonly Pick<Profiler.ScriptCoverage, 'functions'>[];

/** @returns nothing where its unit test never loaded it, or there is none */
export function readCoverage(path: string): Missing | undefined {
  const folder = coverageFolder(path);
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const scripts = files.flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Scripts);
  return scripts.length === 0 ? undefined : missing(readFileSync(path, 'utf8'), scripts);
}

/** What none of `scripts`, all of them made of `text`, has run. */
export function missing(text: string, scripts: Scripts): Missing {
  const ran = new Uint8Array(text.length);
  for (const script of scripts) add(ran, script);
  const isMissing = ({ startOffset, endOffset }: Profiler.CoverageRange): boolean =>
    startOffset < endOffset && !ran.subarray(startOffset, endOffset).includes(1);
  const place = ({ startOffset, endOffset }: Profiler.CoverageRange): string => {
    const [from, to] = [startOffset, endOffset - 1].map((offset) => lineOf(text, offset));
    return from === to ? `${from}` : `${from}-${to}`;
  };
  const all = scripts.flatMap(({ functions }) => functions);
  const branches = all.flatMap(({ ranges: [, ...blocks] }) => blocks.filter(isMissing).map(place));
  const functions = all.flatMap(({ functionName, ranges: [whole] }) =>
    whole !== undefined && isMissing(whole) ? [`${functionName} (${place(whole)})`] : [],
  );
  return {
    lines: missingLines(text, ran),
    branches: [...new Set(branches)],
    functions: [...new Set(functions)],
  };
}

/** Marks what a script has run. An inner range says more than the one around it, and comes after it. */
function add(ran: Uint8Array, { functions }: Scripts[number]): void {
  const here = new Uint8Array(ran.length);
  for (const { startOffset, endOffset, count } of functions.flatMap(({ ranges }) => ranges))
    here.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  for (const [index, value] of here.entries()) if (value === 1) ran[index] = 1;
}

/** Lines that have something on them, and of that nothing was run. */
function missingLines(text: string, ran: Uint8Array): number[] {
  const missing: number[] = [];
  let start = 0;
  for (const [index, line] of text.split('\n').entries()) {
    const from = start + line.length - line.trimStart().length;
    const to = start + line.trimEnd().length;
    if (from < to && !ran.subarray(from, to).includes(1)) missing.push(index + 1);
    start += line.length + 1;
  }
  return missing;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
