/** A finished run as it is stored and told: where and how it was made, what was done, and every reading. */
import type { Fault } from '../harness/plan.ts';
import type { Metric, Observation } from '../harness/reading.ts';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  /** Of Squid and the others, by the name of the subject. */
  readonly versions: Readonly<Record<string, string>>;
  /** Part of the machine that was busy before the run. */
  readonly loadBefore: number;
}

export interface Told {
  readonly name: string;
  readonly title: string;
  readonly story: string;
}

export interface ToldWorkload extends Told {
  readonly unit: string;
  /** Of a sweep: what grows from level to level. */
  readonly levelName?: string | undefined;
  /** How often it was measured in each round. @default 1 */
  readonly laps?: number | undefined;
}

export interface Results {
  readonly command: string;
  /** Commit that was measured; ends in `+` where the working tree differs from it. */
  readonly commit: string;
  /** RFC 3339. */
  readonly startedAt: string;
  readonly minutes: number;
  readonly rounds: number;
  /** Made with little work, to see whether everything runs; no number to quote. */
  readonly isQuick: boolean;
  readonly machine: Machine;
  readonly workloads: readonly ToldWorkload[];
  readonly subjects: readonly Told[];
  /** Subjects that could not take part at all, and why. */
  readonly missing: Readonly<Record<string, string>>;
  readonly faults: readonly Fault[];
  readonly observations: readonly Observation[];
}

/** Which readings are meant. */
export interface Query {
  readonly workload: string;
  readonly subject: string;
  readonly metric: Metric;
  readonly level?: number | undefined;
}

type Observed = Pick<Results, 'observations'>;

/** One value with the round that gave it. */
interface RoundValue {
  readonly round: number;
  readonly value: number;
}

/** Every value that was measured; none where there was no such measurement. */
export function readingsOf({ observations }: Observed, query: Query): readonly RoundValue[] {
  return observations
    .filter(({ workload, subject, level }) => {
      return workload === query.workload && subject === query.subject && level === query.level;
    })
    .flatMap(({ round, readings }) => {
      const value = readings[query.metric];
      return value === undefined ? [] : [{ round, value }];
    });
}

/** The same without the rounds, in the order in which they were taken. */
export function valuesOf(results: Observed, query: Query): readonly number[] {
  return readingsOf(results, query).map(({ value }) => value);
}

/** Levels of a sweep that were measured, in order; `undefined` alone for what is no sweep. */
export function levelsOf({ observations }: Observed, workload: string): readonly (number | undefined)[] {
  const levels = new Set(observations.filter((each) => each.workload === workload).map(({ level }) => level));
  return [...levels].sort((a, b) => (a ?? 0) - (b ?? 0));
}

/** Subjects of which anything was measured; others were chosen, but had no work to do or failed. */
export function partakersOf({
  subjects,
  observations,
}: Pick<Results, 'subjects' | 'observations'>): readonly Told[] {
  const measured = new Set(observations.map(({ subject }) => subject));
  return subjects.filter(({ name }) => measured.has(name));
}
