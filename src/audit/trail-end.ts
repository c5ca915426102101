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
  if (!isEmpty) throw endless(path);
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

/**
 * The last record of the rotated file that begins furthest on in the chain. Of the others the beginning alone is read: hundreds are kept,
 * and to unpack them all would take longer than a service may take to start.
 */
async function headOfRotated(path: string): Promise<Head | undefined> {
  let newest = { file: '', seq: 0 };
  const damaged: string[] = [];
  for (const file of await rotatedOf(path)) {
    const seq = await firstSeq(file).catch(() => {
      damaged.push(file);
      return 0;
    });
    if (seq > newest.seq) newest = { file, seq };
  }
  await refuseNewer(damaged, newest.file);
  if (newest.seq === 0) return undefined;
  const head = await headOfFile(newest.file);
  if (head === undefined) throw endless(newest.file);
  return head;
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

/** 0 where no record is near the beginning. */
async function firstSeq(file: string): Promise<number> {
  const splitter = new LineSplitter();
  let bytes = 0;
  for await (const chunk of unpacked(createReadStream(file))) {
    const first = lastHead(splitter.take(chunk).toReversed());
    if (first !== undefined) return first.seq;
    bytes += chunk.length;
    if (bytes > TAIL_BYTES) break;
  }
  return 0;
}

/** The chain must not go on from a record that others follow. What was damaged long ago has a newer file behind it, and holds nobody up. */
async function refuseNewer(damaged: readonly string[], newest: string): Promise<void> {
  const known = newest === '' ? 0 : (await stat(newest)).mtimeMs;
  for (const file of damaged) if ((await stat(file)).mtimeMs >= known) throw unreadable(file);
}

function endless(file: string): Error {
  return new Error(
    `Audit trail "${file}" does not end in a record that the next could follow, move the file away and keep it as evidence`,
  );
}

function unreadable(file: string, cause?: unknown): Error {
  return new Error(
    `Audit trail "${file}" cannot be unpacked, and the last records may be in it: put it back from a copy, or move it away and keep it as evidence`,
    { cause },
  );
}

async function headOfFile(file: string): Promise<Head | undefined> {
  // Not packed: the end alone is read.
  if (!file.endsWith('.gz')) return lastHead((await textAtEnd(file)).text.split('\n'));
  const splitter = new LineSplitter();
  let last: Head | undefined;
  try {
    for await (const chunk of unpacked(createReadStream(file))) last = lastHead(splitter.take(chunk)) ?? last;
  } catch (error) {
    throw unreadable(file, error);
  }
  return last;
}
