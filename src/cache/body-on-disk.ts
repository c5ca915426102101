/** A body that is kept on disk and not in memory, to those who give it to clients. */

export interface BodyOnDisk {
  /** In bytes. */
  readonly length: number;
  /** Of its blocks, as its file has them. */
  readonly checksums: Buffer;
  /** Undefined where it is there no more: its file is gone, or another's. */
  open(): Promise<BodyPieces | undefined>;
}

/** Reads one; who has opened it closes it. */
export interface BodyPieces extends AsyncDisposable {
  /** Bytes `from` up to `end`, each piece checked. Throws as soon as one cannot be read, or is not what was written. */
  read(from: number, end: number): AsyncIterable<Buffer>;
}
