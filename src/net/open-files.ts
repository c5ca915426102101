/**
 * How many sockets this process may hold, by the files that the system lets it open. What is kept back is for the admin
 * address, logs, names and Node itself, so that the process can be asked how it is when it is full.
 */
import { readFileSync } from 'node:fs';

export interface SocketBudget {
  /** Connections of clients; each may want one more to its next hop. */
  readonly clients: number;
  /** Connections to next hops that are kept idle. */
  readonly idle: number;
}

/** Where the system does not say. */
const USUAL_LIMIT = 1024;
const MAX_KEPT_BACK = 512;
const MAX_IDLE = 512;

/** @param openFiles limit of open files */
export function socketBudget(openFiles: number): SocketBudget {
  const keptBack = Math.min(MAX_KEPT_BACK, Math.ceil(openFiles / 4));
  const idle = Math.min(MAX_IDLE, Math.ceil(openFiles / 8));
  return { clients: Math.max(1, Math.floor((openFiles - keptBack - idle) / 2)), idle };
}

/** The soft limit of open files, which Node raises to the hard one when it starts. */
export function openFilesLimit(file = '/proc/self/limits'): number {
  try {
    const limit = /^Max open files +(\d+)/m.exec(readFileSync(file, 'latin1'))?.[1];
    return limit === undefined ? USUAL_LIMIT : Number(limit);
  } catch {
    return USUAL_LIMIT;
  }
}
