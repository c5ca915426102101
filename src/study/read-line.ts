/** One line of a log, whoever wrote it. */
import type { LogLine } from './log-entry.ts';
import { readSquidLine } from './squid-log.ts';
import { readWeirLine } from './weir-log.ts';

const BRACE = 0x7b;
const CR = 0x0d;

/** Reads a line; undefined for an empty one. */
export function readLine(line: string): LogLine | undefined {
  const text = line.charCodeAt(line.length - 1) === CR ? line.slice(0, -1) : line;
  if (text === '') return undefined;
  return text.charCodeAt(0) === BRACE ? readWeirLine(text) : readSquidLine(text);
}
