/** Answers that `cache.maxObject` allows and for which there is never room: each process has but its part of the memory, and of the disk. */
import { diskShare } from '#cache/disk-folder.ts';
import { keepsAnswers } from '#config/cache-socket.ts';
import type { Config } from '#config/config.ts';
import { countOfWorkers } from '#config/workers.ts';
import type { Remark } from './finding.ts';

const KIB = 1024;
const UNITS = [
  ['MiB', KIB * KIB],
  ['KiB', KIB],
] as const;

/** A remark where some rule has a cache: of memory, which an answer needs to be kept at all, or else of the disk. */
export function lintCacheRoom({ cache, policy, workers }: Config): Remark[] {
  if (!keepsAnswers({ policy })) return [];
  const { maxObject, memory, disk } = cache;
  const processes = countOfWorkers(workers);
  const inMemory = Math.floor(memory / processes);
  if (maxObject > inMemory) {
    const fix = `Set "maxObject" to ${most(inMemory)} at most, or "memory" to ${sizeText(maxObject * processes)} at least`;
    const message = `${part('memory', processes, inMemory)}, so that no larger answer is ever kept, and "maxObject" is ${sizeText(maxObject)}`;
    return [{ code: 'object-never-kept', path: ['cache', 'maxObject'], message, fix }];
  }
  if (disk === undefined) return [];
  const { kept } = diskShare(disk.size, processes);
  if (maxObject <= kept) return [];
  const fix = `Set "maxObject" to ${most(kept)} at most, or "size" to more`;
  const message = `${part('disk', processes, kept)}, so that no larger answer is ever written there, and "maxObject" is ${sizeText(maxObject)}`;
  return [{ code: 'object-never-kept', path: ['cache', 'disk', 'size'], message, fix }];
}

function part(store: 'memory' | 'disk', processes: number, bytes: number): string {
  const whose = processes === 1 ? 'The cache' : `Each of ${processes} processes`;
  return `${whose} has ${most(bytes)} for kept answers ${store === 'memory' ? 'in memory' : 'on disk'}`;
}

/** In whole KiB where it is that much. */
function most(bytes: number): string {
  return sizeText(bytes < KIB ? bytes : bytes - (bytes % KIB));
}

/** As it is written in a configuration. */
function sizeText(bytes: number): string {
  const [unit, size] = UNITS.find(([, each]) => bytes % each === 0) ?? ['B', 1];
  return `${bytes / size}${unit}`;
}
