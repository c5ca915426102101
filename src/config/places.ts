/** Where in a configuration file a value stands, for tools that tell of it after it was loaded. */
import { parseText } from './document.ts';
import { decodeText, readBounded } from './files.ts';
import type { Path } from './problems.ts';

/** Line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Gives the place of the value at a path; where the path ends early, of the last value found on it. */
export type Places = (path: Path) => Place;

/**
 * The places in the text of a file, or of a `stream` that is called `file`.
 * @throws {Error} where it cannot be read
 */
export async function readPlaces(file: string, stream?: AsyncIterable<Buffer>): Promise<Places> {
  const source = parseText(decodeText(file, await readBounded(file, stream)), file);
  return (path) => {
    const { line, column } = source.place({ path, at: 'value', message: '', fix: '' });
    return { file, line, column };
  };
}

/** `t1.yaml:28:5`. */
export function formatPlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`.replaceAll(/\p{Cc}/gu, '?');
}
