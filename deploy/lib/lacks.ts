/** What steps build upon and none of them makes: all that is missing is said once, before any of them is run. */
import { ExitCode } from './exit-codes.ts';
import { type Fault, faultOf } from './fault.ts';
import type { Step, World } from './step.ts';

const BEFORE = { id: 'before', title: 'What the steps build upon is there, and can be used' };

/** Says what is missing. @returns what the program ends with; undefined where nothing is missing */
export function refuseLacking(steps: readonly Step[], world: World): number | undefined {
  const all = new Map(steps.flatMap((step) => lacksOf(step, world)).map((fault) => [fault.message, fault]));
  if (all.size === 0) return undefined;
  const faults = [...all.values()];
  world.report.wrong(BEFORE, ...faults);
  return faults.some(({ exitCode }) => exitCode === ExitCode.NoInput) ? ExitCode.NoInput : ExitCode.Wrong;
}

function lacksOf(step: Step, world: World): readonly Fault[] {
  try {
    return step.lacks?.(world) ?? [];
  } catch (error) {
    return [faultOf(error, step.cure)];
  }
}
