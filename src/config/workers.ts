/** How many processes serve, as the file and the command line say it. */
import { availableParallelism } from 'node:os';

/** A number of processes, or one for each core that this process may use. */
export type Workers = number | 'auto';

const MOST = 64;

/**
 * Reads the text of `--workers`, or a value of the file.
 * @throws {Error} naming the value and the fix
 */
export function parseWorkers(value: string | number): Workers {
  if (value === 'auto') return value;
  const count = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= MOST) return count;
  throw new Error(`Workers "${value}" cannot be, write a number from 1 to ${MOST}, or "auto"`);
}

/** The number of processes that `workers` stands for on this machine. */
export function countOfWorkers(workers: Workers, cores = availableParallelism()): number {
  return workers === 'auto' ? Math.min(cores, MOST) : workers;
}
