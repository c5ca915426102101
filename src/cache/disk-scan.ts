/**
 * Takes into account what earlier processes have left on disk, folder by folder, while requests are served. What cannot be counted is
 * tried again and again, and nothing is written meanwhile: it may be all that there is room for.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DiskFiles } from './disk-files.ts';
import { SHARDS } from './disk-folder.ts';
import { PAUSE_MS } from './disk-health.ts';
import { type FileName, parseFileName, whoseIs } from './file-name.ts';

export interface DiskScanParts {
  readonly files: DiskFiles;
  /** Whether this process counts what a seat has written. */
  readonly isOurs: (seat: number) => boolean;
  /** Takes away what there is no room for, and what is too much. @returns whether that could be done */
  readonly makeRoom: (surplus: readonly FileName[]) => Promise<boolean>;
  readonly onFault: (error: unknown) => void;
  readonly signal: AbortSignal;
  /** How long it waits until what failed is tried again. @default {@link PAUSE_MS} */
  readonly pauseMs?: number;
}

/** Resolves when all is known, or the process ends. Never rejects. */
export async function scan(parts: DiskScanParts): Promise<void> {
  const { files, isOurs, signal } = parts;
  await insist(parts, () => files.folder.removeUnfinished(isOurs));
  let canMakeRoom = true;
  const onSurplus = async (surplus: readonly FileName[]): Promise<void> => {
    // What cannot be removed now is tried when there is something to write.
    if (canMakeRoom && (surplus.length > 0 || files.index.isOver))
      canMakeRoom = await parts.makeRoom(surplus);
  };
  for (const shard of SHARDS) await insist(parts, () => scanShard(shard, parts, onSurplus));
  files.isScanned = !signal.aborted;
}

async function scanShard(
  shard: string,
  { files, isOurs, signal }: DiskScanParts,
  onSurplus: (surplus: readonly FileName[]) => Promise<void>,
): Promise<void> {
  for (const text of await files.folder.list(shard)) {
    if (signal.aborted) return;
    const name = parseFileName(text);
    if (name !== undefined && isOurs(whoseIs(name.rest).seat)) await onSurplus(await count(files, name));
  }
}

async function insist(
  { files, onFault, signal, pauseMs = PAUSE_MS }: DiskScanParts,
  work: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted)
    try {
      await work();
      files.isUncounted = false;
      return;
    } catch (error) {
      files.isUncounted = true;
      onFault(error);
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
    }
}

/** @returns what is too much of its URL */
async function count({ folder, index }: DiskFiles, name: FileName): Promise<readonly FileName[]> {
  const bytes = await folder.sizeOf(name);
  // One that was written meanwhile is counted already.
  if (bytes === undefined || index.of(name.url).some(({ rest }) => rest === name.rest)) return [];
  return index.add({ ...name, bytes });
}
