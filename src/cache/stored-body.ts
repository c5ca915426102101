/** The body of an answer that is kept on disk and too large to be taken into memory: read piece by piece, each checked before it is given. */
import type { BodyOnDisk, BodyPieces } from './body-on-disk.ts';
import type { GiveBack } from './body-places.ts';
import type { DiskCalls, DiskFile } from './disk-calls.ts';
import { BLOCK_BYTES, DamagedFile, type KeptHead, lengthsOf, PREAMBLE_BYTES, verify } from './kept-file.ts';

/** What is read at a time. */
const PIECE_BYTES = 4 * BLOCK_BYTES;

export interface StoredBodyParts {
  readonly path: string;
  readonly calls: Pick<DiskCalls, 'open'>;
  readonly head: Pick<KeptHead, 'checksums' | 'digest'>;
  /** Where the body begins in the file. */
  readonly at: number;
  readonly length: number;
  /** A place for a client that holds so many bytes at a time; undefined: there is none. */
  readonly takePlace: (bytes: number, client: string) => GiveBack | undefined;
  /** Told that it is not what was written, or cannot be read. */
  readonly onFault: (error: unknown) => void;
}

export class StoredBody implements BodyOnDisk {
  readonly length: number;
  readonly #parts: StoredBodyParts;

  constructor(parts: StoredBodyParts) {
    this.#parts = parts;
    this.length = parts.length;
  }

  get checksums(): Buffer {
    return this.#parts.head.checksums;
  }

  async open(client: string): Promise<BodyPieces | undefined> {
    const bytes = Math.min(PIECE_BYTES, this.length) + this.checksums.length;
    const giveBack = this.#parts.takePlace(bytes, client);
    if (giveBack === undefined) return undefined;
    let pieces: BodyPieces | undefined;
    try {
      pieces = await this.openToCopy();
      if (pieces === undefined) return undefined;
      const opened = pieces;
      return { read: opened.read, [Symbol.asyncDispose]: () => close(opened, giveBack) };
    } finally {
      if (pieces === undefined) giveBack();
    }
  }

  async openToCopy(): Promise<BodyPieces | undefined> {
    const { path, calls } = this.#parts;
    const file = await calls.open(path).catch(() => undefined);
    if (file === undefined) return undefined;
    if (await this.#isSame(file)) {
      return { read: (from, end) => this.#read(file, from, end), [Symbol.asyncDispose]: () => file.close() };
    }
    await file.close().catch(this.#parts.onFault);
    return undefined;
  }

  async #isSame(file: DiskFile): Promise<boolean> {
    try {
      const preamble = await readExactly(file, 0, PREAMBLE_BYTES);
      lengthsOf(preamble);
      return preamble.subarray(-this.#parts.head.digest.length).equals(this.#parts.head.digest);
    } catch {
      return false;
    }
  }

  async *#read(file: DiskFile, from: number, end: number): AsyncGenerator<Buffer> {
    const { head, at, onFault } = this.#parts;
    const first = from - (from % BLOCK_BYTES);
    for (let next = first; next < end; next += PIECE_BYTES) {
      try {
        const piece = await readExactly(file, at + next, Math.min(PIECE_BYTES, this.length - next));
        verify(piece, head.checksums, next / BLOCK_BYTES);
        yield piece.subarray(Math.max(0, from - next), end - next);
      } catch (error) {
        onFault(error);
        throw error;
      }
    }
  }
}

async function close(pieces: AsyncDisposable, giveBack: GiveBack): Promise<void> {
  try {
    await pieces[Symbol.asyncDispose]();
  } finally {
    giveBack();
  }
}

/** @throws {DamagedFile} there is less */
export async function readExactly(file: DiskFile, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) throw new DamagedFile('The file is shorter than was written');
    filled += bytesRead;
  }
  return bytes;
}
