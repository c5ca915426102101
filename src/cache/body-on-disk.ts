/** A body that is kept on disk and not in memory, to those who give it to clients. */

export interface BodyOnDisk {
  /** In bytes. */
  readonly length: number;
  /** Of its blocks, as its file has them. */
  readonly checksums: Buffer;
  /** For a client of that address. Undefined where it is there no more (its file is gone, or another's), or as many are read as may be. */
  open(client: string): Promise<BodyPieces | undefined>;
  /** For a copy on the same disk, of which few are made at a time. Undefined where it is there no more. */
  openToCopy(): Promise<BodyPieces | undefined>;
}

/** Reads one; who has opened it closes it. */
export interface BodyPieces extends AsyncDisposable {
  /** Bytes `from` up to `end`, each piece checked. Throws as soon as one cannot be read, or is not what was written. */
  read(from: number, end: number): AsyncIterable<Buffer>;
}
