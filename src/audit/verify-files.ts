/**
 * Checks the files of an audit trail as the one chain that they are, in whatever order they are named: rotated ones come before the
 * one that is written, and each begins with the record that follows the last of another.
 */
import { createReadStream } from 'node:fs';
import { unpacked } from '#record/unpacked.ts';
import { ChainCheck, type Verdict } from './chain-check.ts';
import type { PublicKeys } from './checkpoint.ts';
import type { Finding } from './finding.ts';
import { LineSplitter } from './line-splitter.ts';
import { readLink } from './read-link.ts';

const CHUNK_BYTES = 1_048_576;

/** A record that is known from elsewhere. */
export interface KnownRecord {
  readonly seq: number;
  readonly hash: string;
}

export interface VerifyOptions {
  /** Those that checkpoints may be signed with; undefined: signatures are not looked at. */
  readonly keys?: PublicKeys | undefined;
  /** Must be in the trail: without it nobody can tell that the end of a trail was cut off. */
  readonly known?: KnownRecord | undefined;
  /** Told how many bytes of the files have been read, packed as they are, and how many records. */
  readonly onProgress?: (bytes: number, records: number) => void;
}

/** What the files hold, oldest first, and what is wrong with it. */
export interface Verification extends Verdict {
  readonly files: readonly string[];
}

/** @throws {Error} where a file cannot be read; it has the `path` */
export async function verifyFiles(
  names: readonly string[],
  options: VerifyOptions = {},
): Promise<Verification> {
  const files = await inOrder(names);
  const run = new Run(options);
  for (const file of files) await run.read(file);
  return { ...run.end(files.at(-1) ?? ''), files };
}

/** By the number of the record with which each begins; what has none comes last, where it is found out. */
async function inOrder(names: readonly string[]): Promise<readonly string[]> {
  const begun = await Promise.all(names.map(async (file) => ({ file, seq: await firstSeq(file) })));
  return begun.sort((a, b) => a.seq - b.seq).map(({ file }) => file);
}

async function firstSeq(file: string): Promise<number> {
  const splitter = new LineSplitter();
  for await (const chunk of bytesOf(file, () => {})) {
    for (const line of splitter.take(chunk)) {
      const link = readLink(line);
      if (link?.isIntact === true) return link.seq;
    }
  }
  return Number.POSITIVE_INFINITY;
}

async function* bytesOf(file: string, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  try {
    yield* unpacked(countedBytes(file, onRead));
  } catch (error) {
    throw Object.assign(error as Error, { path: file });
  }
}

async function* countedBytes(file: string, onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES })) {
    onRead(chunk.length);
    yield chunk;
  }
}

class Run {
  readonly #options: VerifyOptions;
  readonly #check: ChainCheck;
  #bytes = 0;
  #lines = 0;
  #isKnownFound = false;

  constructor(options: VerifyOptions) {
    this.#options = options;
    this.#check = new ChainCheck(options.keys);
  }

  async read(file: string): Promise<void> {
    const splitter = new LineSplitter();
    let number = 0;
    const onRead = (bytes: number): void => {
      this.#bytes += bytes;
    };
    for await (const chunk of bytesOf(file, onRead)) {
      if (this.#check.isDone) return;
      for (const line of splitter.take(chunk)) {
        number += 1;
        this.#lines += 1;
        this.#check.take(line, file, number);
        this.#lookForKnown(line);
      }
      this.#options.onProgress?.(this.#bytes, this.#lines);
    }
    if (splitter.rest !== '') this.#check.takeFragment(splitter.rest, { file, line: number + 1 });
  }

  /** Where the chain holds, a record with that hash is that record. */
  #lookForKnown(line: string): void {
    const { known } = this.#options;
    if (known !== undefined && line.includes(`"hash":"${known.hash}"`)) this.#isKnownFound = true;
  }

  end(lastFile: string): Verdict {
    const verdict = this.#check.end();
    return {
      ...verdict,
      finding: verdict.finding ?? this.#unknown(verdict, lastFile) ?? this.#unproven(verdict, lastFile),
    };
  }

  #unknown({ last }: Verdict, file: string): Finding | undefined {
    const { known } = this.#options;
    if (known === undefined || this.#isKnownFound) return undefined;
    const message =
      known.seq > (last?.seq ?? 0)
        ? `Record ${known.seq}, which is known, is missing: the trail ends before it`
        : `Record ${known.seq} has another hash than the one that is known: the trail was written anew`;
    return { kind: 'missing', place: { file, line: 0 }, seq: known.seq, message };
  }

  /** Who asks for signatures is not told that all is well where there is none. */
  #unproven({ first, checkpoints }: Verdict, file: string): Finding | undefined {
    if (this.#options.keys === undefined || first === undefined || checkpoints.proven > 0) return undefined;
    const message =
      'No checkpoint at all, so that nothing is signed: Weir makes one each minute and when it ends, so check a trail that is younger again later';
    return { kind: 'unsigned', place: { file, line: 0 }, seq: first, message };
  }
}
