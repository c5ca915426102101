/**
 * Which assertions were used, as long as they could be used again. Kept by the time at which they end, so that the same one is
 * always looked for in the same place, and what is over is let go of as a whole. With a directory all processes of a host share it,
 * and what is in it outlives them (used-log.ts); without one the process keeps it by itself.
 */
import { lstatSync, mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { ProxyError } from '#errors.ts';
import { SKEW_MS } from './assertion.ts';
import { MarkSet } from './mark-set.ts';
import { UsedLog } from './used-log.ts';

/** What ends within so long is kept together. */
const SPAN_MS = 64_000;
/** Of one span: 16,000 a second. Beyond that assertions are refused, not forgotten. */
const MAX_USED = 1_000_000;

/** In the directory, so that nobody else need be kept out of that. */
const FOLDER = 'used-assertions';
const SINCE_FILE = 'since';
const LOG_FILE = /^\d+$/;

/** One span's. */
interface Span {
  use(mark: Buffer): boolean;
  close(): void;
}

export class Replays {
  /** From when on it is known what was used, in milliseconds since the epoch. */
  readonly sinceMs: number;
  /** As given. */
  readonly directory: string | undefined;
  readonly #folder: string | undefined;
  readonly #spans = new Map<number, Span>();

  /** Nothing of before `notBeforeMs` is known, whatever the directory says. @throws {Error} where the directory cannot be written */
  constructor(directory: string | undefined, nowMs = Date.now(), notBeforeMs = 0) {
    this.directory = directory;
    this.#folder = directory && folderIn(directory);
    this.sinceMs = this.#folder === undefined ? nowMs : Math.max(notBeforeMs, sinceIn(this.#folder, nowMs));
  }

  /**
   * Notes that the assertion whose mark `mark` begins with is used, where it ends at `endMs`.
   * @returns whether it was not used before
   * @throws {ProxyError} `assertion_unchecked` where that cannot be known
   */
  use(mark: Buffer, endMs: number, nowMs: number): boolean {
    const number = Math.floor(endMs / SPAN_MS);
    const span = this.#spans.get(number) ?? this.#open(number, nowMs);
    return span.use(mark);
  }

  /** Lets go of files; what is used later opens them again. */
  close(): void {
    if (this.#folder === undefined) return;
    for (const span of this.#spans.values()) span.close();
    this.#spans.clear();
  }

  #open(number: number, nowMs: number): Span {
    this.#dropBefore(Math.floor((nowMs - SKEW_MS) / SPAN_MS));
    const folder = this.#folder;
    const span = folder === undefined ? new OwnSpan() : new UsedLog(join(folder, String(number)), MAX_USED);
    this.#spans.set(number, span);
    return span;
  }

  /** What has ended could not be used again. */
  #dropBefore(first: number): void {
    for (const [number, span] of this.#spans) {
      if (number >= first) continue;
      span.close();
      this.#spans.delete(number);
    }
    if (this.#folder !== undefined) removeFiles(this.#folder, first);
  }
}

/** One that no other process has to know. */
class OwnSpan implements Span {
  readonly #marks = new MarkSet(MAX_USED);

  use(mark: Buffer): boolean {
    if (this.#marks.isFull)
      throw new ProxyError('assertion_unchecked', { detail: `More than ${MAX_USED} assertions in use` });
    return this.#marks.add(mark, 0);
  }

  close(): void {}
}

/** Who else could write there could have assertions forgotten. @throws {Error} where that is so, or it cannot be made */
function folderIn(directory: string): string {
  const folder = join(directory, FOLDER);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new Error(`Cannot keep used assertions in "${directory}": ${(error as Error).message}`, {
        cause: error,
      });
  }
  const { mode, uid } = lstatSync(folder);
  const isOurs = (mode & 0o170_000) === 0o040_000 && uid === process.getuid?.() && (mode & 0o022) === 0;
  if (!isOurs)
    throw new Error(
      `Cannot keep used assertions in "${folder}": it is no directory that only this user can write`,
    );
  return folder;
}

/** Whoever comes first begins to keep what is used; who comes later goes on with it. */
function sinceIn(folder: string, nowMs: number): number {
  const file = join(folder, SINCE_FILE);
  try {
    writeFileSync(file, String(nowMs), { flag: 'wx', mode: 0o600 });
    return nowMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const since = Number(readFileSync(file, 'utf8'));
  // Another process is just about to write it, or has written later than we have looked.
  return since > 0 ? since : nowMs;
}

/** Another process may have done so before. */
function removeFiles(folder: string, first: number): void {
  try {
    for (const name of readdirSync(folder)) {
      if (LOG_FILE.test(name) && Number(name) < first) unlinkSync(join(folder, name));
    }
  } catch {}
}
