/**
 * Where a trail goes on after a restart: the last whole record of its file, or, where that was just rotated away, of the file that it
 * became. Half a line that a process or a machine left in dying is cut off; the writer says so in a record.
 */
import { createReadStream } from 'node:fs';
import { readdir, stat, truncate } from 'node:fs/promises';
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

/** A file that was rotated away. */
interface Rotated {
  readonly file: string;
  /** When it was last written, in milliseconds of the epoch. */
  readonly writtenMs: number;
  /** A record of it, one of the first where that can be read; undefined where it has none. */
  readonly early: Head | undefined;
  /** Why it is not known whether it has records. */
  readonly fault: Error | undefined;
}

/**
 * The last record of the rotated file that begins furthest on in the chain. Of the others the beginning alone is read: hundreds are kept,
 * and to unpack them all would take longer than a service may take to start.
 * @throws {Error} where a file that was written later than that one cannot be read: the chain must not go on from a record that others
 * follow. What was damaged before holds nobody up.
 */
async function headOfRotated(path: string): Promise<Head | undefined> {
  const found: Rotated[] = [];
  for (const file of await rotatedOf(path)) found.push(await rotatedAt(file));
  const newest = found.reduce(later, NONE);
  for (const { file, writtenMs, fault } of found) {
    if (fault !== undefined && writtenMs > newest.writtenMs) throw unreadable(file, fault);
  }
  return newest.early && lastAfter(newest.early, newest.file);
}

const NONE: Rotated = { file: '', writtenMs: 0, early: undefined, fault: undefined };

function later(one: Rotated, other: Rotated): Rotated {
  return (other.early?.seq ?? 0) > (one.early?.seq ?? 0) ? other : one;
}

/** All files that are called like it, with something behind the name. */
async function rotatedOf(path: string): Promise<readonly string[]> {
  const folder = dirname(path);
  const prefix = basename(path);
  // A folder that is missing is made by who opens the file.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter(
      (entry) =>
        entry.isFile() && (entry.name.startsWith(`${prefix}.`) || entry.name.startsWith(`${prefix}-`)),
    )
    .map(({ name }) => join(folder, name));
}

async function rotatedAt(file: string): Promise<Rotated> {
  // Of one that is removed meanwhile nothing is known, and it is older than any.
  let writtenMs = 0;
  try {
    writtenMs = (await stat(file)).mtimeMs;
    return { file, writtenMs, early: await earlyRecord(file), fault: undefined };
  } catch (error) {
    return { file, writtenMs, early: undefined, fault: error as Error };
  }
}

/**
 * Where what stands first is damaged, one of the last records will do: it lies behind all that is in older files.
 * @throws {Error} where neither is readable in a file that is too long to be read whole
 */
async function earlyRecord(file: string): Promise<Head | undefined> {
  const splitter = new LineSplitter();
  let bytes = 0;
  for await (const chunk of unpacked(createReadStream(file))) {
    const first = lastHead(splitter.take(chunk).toReversed());
    if (first !== undefined) return first;
    bytes += chunk.length;
    if (bytes > TAIL_BYTES) return (await lastNearEnd(file)) ?? raise('no record is near its beginning');
  }
  return undefined;
}

/** The last record of a file that has `early`. */
async function lastAfter(early: Head, file: string): Promise<Head> {
  const near = await lastNearEnd(file);
  if (near !== undefined) return near;
  const splitter = new LineSplitter();
  let last = early;
  try {
    for await (const chunk of unpacked(createReadStream(file))) last = lastHead(splitter.take(chunk)) ?? last;
  } catch (error) {
    throw unreadable(file, error as Error);
  }
  return last;
}

/** None in a file that is packed. */
async function lastNearEnd(file: string): Promise<Head | undefined> {
  return lastHead((await textAtEnd(file)).text.split('\n'));
}

function raise(message: string): never {
  throw new Error(message);
}

function unreadable(file: string, cause: Error): Error {
  return new Error(
    `Audit trail "${file}" cannot be read, and the last records may be in it: ${cause.message}. Put it back from a copy, or move it away and keep it as evidence`,
    { cause },
  );
}
