/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';
import { SUBJECTS } from './subjects/all.ts';
import type { Subject } from './subjects/subject.ts';
import { allWorkloads } from './workloads/all.ts';
import { FULL, QUICK } from './workloads/sizes.ts';
import type { Workload } from './workloads/workload.ts';

export interface Options {
  readonly subjects: readonly Subject[];
  readonly workloads: readonly Workload[];
  readonly rounds: number;
  readonly isQuick: boolean;
}

const names = (all: readonly { readonly name: string }[]): string => all.map(({ name }) => name).join(' ');

export const HELP = `npm run bench -- [options]

Measures Weir beside Squid and others, tells which promises are kept, and stores everything under bench/results/.

  --rounds N        interleaved rounds (${FULL.rounds})
  --only A,B        workloads: ${names(allWorkloads(FULL))}
  --subjects A,B    subjects: ${names(SUBJECTS)}
  --quick           little work and ${QUICK.rounds} rounds: whether everything runs; no number to quote
  --help            this text

Exit status 1 where a must of the promises is missed or could not be measured, where a measurement fails, and where nothing was
judged; the last line says why. With --only and --subjects only promises about what was chosen are judged, with --quick none.
npm run bench:docs writes docs/performance.md from the last whole run; npm run bench:quick compares with bench/baseline.`;

/** Those of `all` whose names are in the list `wanted`, or all. @throws for a name that none has */
function chosen<Named extends { readonly name: string }>(
  all: readonly Named[],
  wanted: string | undefined,
): readonly Named[] {
  if (wanted === undefined) return all;
  const list = wanted.split(',');
  const unknown = list.find((name) => !all.some((each) => each.name === name));
  if (unknown !== undefined) throw new Error(`Cannot measure "${unknown}": there are ${names(all)}`);
  return all.filter(({ name }) => list.includes(name));
}

/** @returns undefined where help is asked for. @throws for what is not understood */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      only: { type: 'string' },
      subjects: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const sizes = values.quick ? QUICK : FULL;
  const rounds = Number(values.rounds ?? sizes.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`Cannot take "${values.rounds}" rounds`);
  return {
    subjects: chosen(SUBJECTS, values.subjects),
    workloads: chosen(allWorkloads(sizes), values.only),
    rounds,
    isQuick: values.quick,
  };
}
