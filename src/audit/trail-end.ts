/**
 * Where a trail goes on after a restart: the last whole record of its file, or, where that was just rotated away, of the file that it
 * became. Half a line that a process or a machine left in dying is cut off; the writer says so in a record.
 */
import { createReadStream } from 'node:fs';
import { readdir, truncate } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { unpacked } from '#record/unpacked.ts';
import { BEGINNING, type Head } from './chain.ts';
import { tailOf } from './file-tail.ts';
import { LineSplitter, MAX_LINE_BYTES } from './line-splitter.ts';
import { readLink } from './read-link.ts';

/** Enough for many of the longest records. */
const TAIL_BYTES = 4 * MAX_LINE_BYTES;

export interface TrailEnd {
  readonly head: Head;
  /** Bytes of half a line that were cut off. */
  readonly tornBytes: number;
}

/** @throws {Error} where the file cannot be read, or holds no record to go on from */
export async function findEnd(path: string): Promise<TrailEnd> {
  const { lines, tornBytes, isEmpty } = await repairedTail(path);
  const head = lastHead(lines);
  if (head !== undefined) return { head, tornBytes };
  if (!isEmpty) {
    throw new Error(
      `Audit trail "${path}" does not end in a record that the next could follow, move the file away and keep it as evidence`,
    );
  }
  return { head: (await headOfRotated(path)) ?? BEGINNING, tornBytes };
}

/** The last lines, with the half one behind them gone. */
async function repairedTail(path: string): Promise<{ lines: string[]; tornBytes: number; isEmpty: boolean }> {
  const { text, size } = await textAtEnd(path);
  const end = text.lastIndexOf('\n') + 1;
  const tornBytes = text.length - end;
  const whole = size - tornBytes;
  if (tornBytes > 0 && (end > 0 || whole === 0)) await truncate(path, whole);
  return { lines: text.slice(0, end).split('\n'), tornBytes, isEmpty: whole === 0 };
}

/** One character for each byte. */
async function textAtEnd(path: string): Promise<{ text: string; size: number }> {
  const { bytes, size } = await tailOf(path, TAIL_BYTES);
  return { text: bytes.toString('latin1'), size };
}

/** Lines that are no record of ours stay where they are: they are for who checks the trail. */
function lastHead(lines: readonly string[]): Head | undefined {
  for (const line of lines.toReversed()) {
    const link = readLink(line);
    if (link?.isIntact === true) return { seq: link.seq, hash: link.hash };
  }
  return undefined;
}

/** Of all files that are called like it, with something behind the name, the last record. */
async function headOfRotated(path: string): Promise<Head | undefined> {
  const folder = dirname(path);
  const prefix = basename(path);
  // A folder that is missing is made by who opens the file.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  let last: Head | undefined;
  for (const { name } of entries.filter((entry) => entry.isFile())) {
    if (!name.startsWith(`${prefix}.`) && !name.startsWith(`${prefix}-`)) continue;
    const head = await headOfFile(join(folder, name));
    if (head !== undefined && head.seq > (last?.seq ?? 0)) last = head;
  }
  return last;
}

async function headOfFile(path: string): Promise<Head | undefined> {
  if (!path.endsWith('.gz')) return lastHead((await textAtEnd(path)).text.split('\n'));
  const splitter = new LineSplitter();
  let last: Head | undefined;
  for await (const chunk of unpacked(createReadStream(path))) last = lastHead(splitter.take(chunk)) ?? last;
  return last;
}
