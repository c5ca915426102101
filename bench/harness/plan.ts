/** What is to be run, what comes of it, and the steps that it takes. */
import type { Subject } from '../subjects/subject.ts';
import type { Workload } from '../workloads/workload.ts';
import type { Observation } from './reading.ts';

export interface Plan {
  readonly subjects: readonly Subject[];
  readonly workloads: readonly Workload[];
  readonly rounds: number;
  /** Every second round runs backwards (A B B A), so that who comes first has no advantage over pairs of rounds. @default false */
  readonly isMirrored?: boolean;
  /** Told each step as it begins. */
  readonly onStep: (step: Step) => void;
}

export interface Step {
  readonly workload: string;
  readonly subject: string;
  readonly what: string;
  /** Of how many steps this is which, from 0. */
  readonly index: number;
  readonly total: number;
}

/** Why a subject has no result in a workload. */
export interface Fault {
  readonly workload: string;
  readonly subject: string;
  readonly message: string;
}

export interface Outcome {
  readonly observations: Observation[];
  readonly faults: Fault[];
}

/** A subject in one workload; of a sweep over domains, at one level. */
export interface Contestant {
  readonly subject: Subject;
  readonly level: number | undefined;
}

/** The subjects of `plan` that take part in `workload`, once for each of its levels. */
export function contestantsOf({ subjects }: Plan, workload: Workload): readonly Contestant[] {
  const levels = workload.levels ?? [undefined];
  return subjects
    .filter(({ name }) => workload.subjects.includes(name))
    .flatMap((subject) => levels.map((level) => ({ subject, level })));
}

/** How often each contestant of `workload` is measured. */
export function roundsOf(
  { rounds }: Pick<Plan, 'rounds'>,
  { laps = 1 }: { readonly laps?: number | undefined },
): number {
  return rounds * laps;
}

/** Entering, with proof and warm-up, is one step for each contestant, and so is each round. */
export function stepsOf(plan: Plan): number {
  return plan.workloads.reduce(
    (sum, workload) => sum + contestantsOf(plan, workload).length * (1 + roundsOf(plan, workload)),
    0,
  );
}
