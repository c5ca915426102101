/** What a run comes to as a whole: whether it did what it was for, and why not. */
import { type Judged, judge, type Run, type Standing } from './judge.ts';
import type { Results } from './results.ts';

type Finished = Run & Pick<Results, 'isQuick' | 'faults'>;

const titlesOf = (judged: readonly Judged[]): string => judged.map(({ row }) => row.title).join('; ');

const counted = (number: number, one: string, many: string): string =>
  `${number} ${number === 1 ? one : many}`;

/** Promises that were to be held against the run and are not kept. */
function broken(run: Run): readonly string[] {
  const judged = judge(run);
  if (judged.length === 0) return ['nothing was judged, as nothing is promised of what was chosen'];
  const told = (standing: Standing, words: string): readonly string[] => {
    const found = judged.filter((each) => each.standing === standing);
    return found.length === 0
      ? []
      : [`${counted(found.length, 'promise', 'promises')} ${words} (${titlesOf(found)})`];
  };
  return [...told('missed', 'missed'), ...told('not measured', 'not measured')];
}

/** Why `run` fails; none where it does not. A quick one is only about whether everything runs. */
export function failuresOf(run: Finished): readonly string[] {
  const { faults, observations, isQuick } = run;
  return [
    ...(isQuick ? [] : broken(run)),
    ...(faults.length === 0 ? [] : [`${counted(faults.length, 'measurement', 'measurements')} failed`]),
    ...(observations.length === 0 ? ['nothing was measured'] : []),
  ];
}

/** The last line of a run. */
export function closingLine(run: Finished): string {
  const failures = failuresOf(run);
  if (failures.length > 0) return `Exit status 1: ${failures.join(', ')}`;
  if (run.isQuick) {
    const all = Object.keys(run.missing).length === 0 ? 'everything' : 'everything but what was left out';
    return `Exit status 0: ${all} runs; a quick run judges no promise`;
  }
  return `Exit status 0: ${counted(judge(run).length, 'promise was', 'promises were')} judged, and none is missed`;
}
