/** Where the numbers of a run come from, and what speaks against quoting them. */
import { MAX_LOAD } from '../harness/machine.ts';
import { CONTRACT } from './contract.ts';
import { judge } from './judge.ts';
import { type Machine, partakersOf, type Results } from './results.ts';
import { digits, told } from './units.ts';

const SHORT = 12;

/** The commit as people tell it; that files differed from it stays to be seen. */
export function shortCommit(commit: string): string {
  return `${commit.slice(0, SHORT)}${commit.endsWith('+') ? '+ (with changes that were not committed)' : ''}`;
}

/** A sentence to go behind another one, where the machine had other work to do. */
export function busyNote({ loadBefore }: Pick<Machine, 'loadBefore'>): string {
  return loadBefore > MAX_LOAD ? ' **The machine was busy: these numbers are not worth quoting.**' : '';
}

/**
 * What a run of everything has and this one has not; none where its numbers can stand for all. `workloads` are all there are; `others`
 * are runs that have those which this one leaves out.
 */
export function gapsOf(
  results: Results,
  workloads: readonly string[],
  others: readonly Results[] = [],
): readonly string[] {
  if (results.observations.length === 0) return ['it measured nothing'];
  const judged = judge(results).filter(({ standing }) => standing !== 'not measured');
  const unmeasured = CONTRACT.length - judged.length;
  const observed = new Set(
    [results, ...others].flatMap((run) => run.observations.map(({ workload }) => workload)),
  );
  const skipped = workloads.filter((name) => !observed.has(name));
  return [
    ...([results, ...others].some(({ isQuick }) => isQuick)
      ? ['it was a quick one, with little work and few rounds']
      : []),
    ...(unmeasured === 0 ? [] : [`${unmeasured} of ${CONTRACT.length} promises were not measured`]),
    ...(skipped.length === 0 ? [] : [`there is nothing of ${skipped.join(', ')}`]),
  ];
}

/** Versions of those that took part; two tiers are as old as one. */
function versionsOf(results: Results): readonly string[] {
  const titles = partakersOf(results).map(({ title }) => title);
  return Object.entries(results.machine.versions)
    .filter(([name]) => titles.some((title) => title === name || title.startsWith(`${name}, `)))
    .map(([name, version]) => `${name} ${version}`);
}

/** Command, commit and machine as a list of Markdown. */
export function machineLines(results: Results): string {
  const { machine, command, commit, startedAt, minutes, rounds } = results;
  const { processor, cores, memoryBytes, system, node, loadBefore } = machine;
  const dirty = commit.endsWith('+') ? ', where `+` says that files differed from it' : '';
  return [
    `- \`${command}\`, ${rounds} rounds, ${digits(minutes)} minutes, begun ${startedAt}`,
    `- commit \`${commit}\`${dirty}`,
    `- ${processor}, ${cores} cores, ${told('rss', memoryBytes)} of memory, ${system}`,
    `- ${[`Node ${node}`, ...versionsOf(results)].join(', ')}`,
    `- load before the start: ${Math.round(100 * loadBefore)} % of the machine.${busyNote(machine)}`,
  ].join('\n');
}
