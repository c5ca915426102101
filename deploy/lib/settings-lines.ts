/** A file of settings as its lines: KEY=VALUE, without what is empty or a comment. */
import { readFileSync } from 'node:fs';
import { ExitCode } from './exit-codes.ts';
import { Fault } from './fault.ts';

/** A line of KEY=VALUE. */
export interface Line {
  readonly key: string;
  readonly value: string;
  /** Its file and number. */
  readonly at: string;
}

/** @param cure what to do where there is none @throws {Fault} where it cannot be read */
export function linesOf(file: string, cure: string): readonly Line[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new Fault(`Cannot read the settings "${file}"`, cure, ExitCode.NoInput);
  }
  if (text.includes('\r'))
    throw new Fault(
      `"${file}" has carriage returns at its ends of lines`,
      `take them out: sed -i 's/\\r$//' ${file}`,
      ExitCode.Configuration,
    );
  return text.split('\n').flatMap((line, index) => {
    if (line === '' || line.startsWith('#')) return [];
    const [key = '', ...rest] = line.split('=');
    return [{ key: rest.length === 0 ? line : key, value: rest.join('='), at: `${file}:${index + 1}` }];
  });
}
