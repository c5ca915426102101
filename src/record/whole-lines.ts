/** Takes lines out of a stream of bytes that another process writes, to be written again by the only writer of a log. */
import type { Readable } from 'node:stream';

/** Calls `take` for each whole line, without its newline. What a process that was killed left of a line is dropped. */
export function takeLines(stream: Readable, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
  stream.on('error', () => {});
}
