/**
 * What one supervisor had counted, for the next one to go on from: a file in the directory that systemd keeps for the unit. It is read
 * once, so that nobody goes on from it twice.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Snapshot } from '#record/merged-metrics.ts';
import { MEETING_VERSION } from './protocol.ts';

const NAME = 'counters';
const FILE_MODE = 0o600;

/** Never throws: that a counter begins anew is no reason not to end. */
export function keepCounters(directory: string, snapshot: Snapshot): void {
  try {
    writeFileSync(join(directory, NAME), serialize([MEETING_VERSION, snapshot]), { mode: FILE_MODE });
  } catch {}
}

/** None where none are kept, or nobody can read them, as those of another version. */
export function takeCounters(directory: string): Snapshot {
  const path = join(directory, NAME);
  try {
    const [version, kept] = deserialize(readFileSync(path)) as [unknown, unknown];
    return version === MEETING_VERSION && Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  } finally {
    rmSync(path, { force: true });
  }
}
