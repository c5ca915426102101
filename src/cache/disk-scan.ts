/** Takes into account what earlier processes have left on disk, folder by folder, while requests are served. */
import type { DiskFiles } from './disk-files.ts';
import { SHARDS } from './disk-folder.ts';
import { type FileName, parseFileName, whoseIs } from './file-name.ts';

export interface DiskScanParts {
  readonly files: DiskFiles;
  /** Whether this process counts what a seat has written. */
  readonly isOurs: (seat: number) => boolean;
  /** Takes away what there is no room for. */
  readonly removeFiles: (names: readonly FileName[]) => Promise<void>;
  readonly onFault: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/** Resolves when all is known. Never rejects. */
export async function scan({ files, ...parts }: DiskScanParts): Promise<void> {
  const { isOurs, removeFiles, onFault, signal } = parts;
  try {
    await files.folder.removeUnfinished(isOurs);
    for (const shard of SHARDS) {
      for (const text of await files.folder.list(shard)) {
        if (signal.aborted) return;
        const name = parseFileName(text);
        if (name !== undefined && isOurs(whoseIs(name.rest).seat))
          await removeFiles(await count(files, name));
      }
    }
    files.isScanned = true;
  } catch (error) {
    onFault(error);
  }
}

/** @returns what there is no room for any more */
async function count({ folder, index }: DiskFiles, name: FileName): Promise<readonly FileName[]> {
  const bytes = await folder.sizeOf(name);
  // One that was written meanwhile is counted already.
  if (bytes === undefined || index.of(name.url).some(({ rest }) => rest === name.rest)) return [];
  return [...index.makeRoom(bytes), ...index.add({ ...name, bytes })];
}
