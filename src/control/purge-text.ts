/** What came of a purge, in words: `weir cache purge` prints them, and the audit trail has those of what was not done. */
import type { PurgedBy, PurgeResult } from './protocol.ts';
import { countText } from './text.ts';

/** Its first line says whether all of it went. */
export function purgeText(result: PurgeResult): string {
  const problems = problemsOf(result);
  const first = problems.length === 0 ? doneText(result) : partText(result, problems.length);
  return [first, ...problems, ''].join('\n');
}

function doneText({ target, kind, purged, processes }: PurgeResult): string {
  const what = kind === 'host' ? `all of ${target}` : target;
  const of = processes.length === 1 ? '' : ` of ${countText(processes.length, 'process', 'processes')}`;
  return `Purged ${what}: ${countText(purged, 'answer', 'answers')}${of}`;
}

/** `failing`: processes that are not done. */
function partText({ target, purged, processes }: PurgeResult, failing: number): string {
  const first = `Not all of ${target} is purged, only ${countText(purged, 'answer', 'answers')}`;
  if (processes.length === 1) return first;
  return `${first}, and ${failing} of ${processes.length} processes ${failing === 1 ? 'is' : 'are'} not done`;
}

/** What `weir cache purge --json` prints. */
export function purgeJson({ act, complete, ...facts }: PurgeResult) {
  return { act, complete, ...facts, problems: problemsOf(facts) };
}

/** What was not done, by whom and why, and what to do: a sentence each. */
export function problemsOf({ processes }: Pick<PurgeResult, 'processes'>): readonly string[] {
  return processes.flatMap((process) => problemOf(process) ?? []);
}

function problemOf({ pid, purged, fault }: PurgedBy): string | undefined {
  if (purged === null) return `Process ${pid} does not answer, and may have what it had: purge again`;
  if (fault === undefined) return undefined;
  return (
    `Process ${pid} cannot remove all of it from disk (${fault}), and does not use that disk until it is started again. ` +
    'Then what is left there counts again: mend that and purge again before, or empty the folder'
  );
}
