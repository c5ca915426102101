/** Files that a command reads from their beginning to their end: how large they are, and what is said of one that cannot be read. */
import { stat } from 'node:fs/promises';
import { InputError } from './command.ts';

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
};

/** In bytes. `called` names the file in an error. @throws {InputError} */
export async function sizeOf(file: string, called: string): Promise<number> {
  try {
    const stats = await stat(file);
    if (stats.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    return stats.size;
  } catch (error) {
    throw unreadable(called, error);
  }
}

export function unreadable(called: string, error: unknown): InputError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new InputError(`Cannot read ${called}: ${FAULTS[code] ?? message}`, { cause: error });
}
