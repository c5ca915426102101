/** What the system may refuse, and what is said then. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from './fault.ts';

type Verb = 'read' | 'write';

/** Does something with `file`. @throws {Fault} what could not be done, where, and what to do */
export function attempt<Value>(verb: Verb, file: string, act: () => Value): Value {
  try {
    return act();
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new Fault(`Cannot ${verb} ${file}: ${code || message}`, cureOf(code, verb, file));
  }
}

/** Its text; undefined where it is not there. @throws {Fault} where it cannot be read */
export function readIfThere(file: string): string | undefined {
  return attempt('read', file, () => {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  });
}

function cureOf(code: string, verb: Verb, file: string): string {
  const folder = dirname(file);
  switch (code) {
    case 'ENOENT':
      return `make the folder: mkdir -p ${folder}; or name another file`;
    case 'ENOTDIR':
      return `${folder} is no folder: name another file`;
    case 'EISDIR':
      return 'that is a folder: name a file in it';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `be somebody who may ${verb === 'read' ? `read ${file}` : `write in ${folder}`}, or name another file`;
    default:
      return `see ${verb === 'read' ? '' : `how much room ${folder} has, and `}whether its disk works`;
  }
}
