/**
 * What one supervisor had counted, for the next one to go on from: a file in the directory that systemd keeps for the unit. It is read
 * once, so that nobody goes on from it twice.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Snapshot } from '#record/merged-metrics.ts';

const NAME = 'counters';
const FILE_MODE = 0o600;

/** Never throws: that a counter begins anew is no reason not to end. */
export function keepCounters(directory: string, snapshot: Snapshot): void {
  try {
    writeFileSync(join(directory, NAME), serialize(snapshot), { mode: FILE_MODE });
  } catch {}
}

/** None where none are kept, or nobody can read them. */
export function takeCounters(directory: string): Snapshot {
  const path = join(directory, NAME);
  try {
    const kept: unknown = deserialize(readFileSync(path));
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  } finally {
    rmSync(path, { force: true });
  }
}
