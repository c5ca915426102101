/** What `weir cache purge` prints for people. */
import type { PurgeResult } from './protocol.ts';
import { countText } from './text.ts';

export function purgeText({ target, kind, purged, processes }: PurgeResult): string {
  const what = kind === 'host' ? `all of ${target}` : target;
  const of = processes.length === 1 ? '' : ` of ${countText(processes.length, 'process', 'processes')}`;
  const silent = processes.filter(({ purged }) => purged === null);
  return [
    `Purged ${what}: ${countText(purged, 'answer', 'answers')}${of}`,
    ...silent.map(({ pid }) => `Process ${pid} does not answer, and may have what it had: purge again`),
    '',
  ].join('\n');
}
