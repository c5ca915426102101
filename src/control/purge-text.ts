/** What came of a purge, in words: `weir cache purge` prints them, and the audit trail has those of what was not done. */
import type { PurgedBy, PurgeResult } from './protocol.ts';
import { countText } from './text.ts';

export function purgeText(result: PurgeResult): string {
  const { target, kind, purged, processes } = result;
  const what = kind === 'host' ? `all of ${target}` : target;
  const of = processes.length === 1 ? '' : ` of ${countText(processes.length, 'process', 'processes')}`;
  return [`Purged ${what}: ${countText(purged, 'answer', 'answers')}${of}`, ...problemsOf(result), ''].join(
    '\n',
  );
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
