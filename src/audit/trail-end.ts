/**
 * Where a trail goes on after a restart: the last whole record of its file, or, where that was just rotated away, of the file that it
 * became. Half a line that a process or a machine left in dying is cut off; the writer says so in a record.
 */
import { createReadStream } from 'node:fs';
import { open, readdir, truncate } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { unpacked } from '#record/unpacked.ts';
import { BEGINNING, type Head } from './chain.ts';
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
  const text = await tailOf(path);
  const end = text.tail.lastIndexOf('\n') + 1;
  const tornBytes = text.tail.length - end;
  const whole = text.size - tornBytes;
  if (tornBytes > 0 && (end > 0 || whole === 0)) await truncate(path, whole);
  return { lines: text.tail.slice(0, end).split('\n'), tornBytes, isEmpty: whole === 0 };
}

async function tailOf(path: string): Promise<{ tail: string; size: number }> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (file === undefined) return { tail: '', size: 0 };
  await using _ = file;
  const { size } = await file.stat();
  const length = Math.min(size, TAIL_BYTES);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
  return { tail: buffer.toString('latin1', 0, bytesRead), size };
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
  if (!path.endsWith('.gz')) return lastHead((await tailOf(path)).tail.split('\n'));
  const splitter = new LineSplitter();
  let last: Head | undefined;
  for await (const chunk of unpacked(createReadStream(path))) last = lastHead(splitter.take(chunk)) ?? last;
  return last;
}
