/** Reads a kept answer from its file: small ones whole, of large ones the head, whose body is read when it is wanted. */
import type { DiskCalls, DiskFile } from './disk-calls.ts';
import type { Entry } from './entry.ts';
import { lengthsOf, PREAMBLE_BYTES, readHead, verify } from './kept-file.ts';
import { readExactly, StoredBody, type StoredBodyParts } from './stored-body.ts';

/** What most heads are within, and many whole answers. */
const FIRST_BYTES = 16 * 1024;

export interface Reading extends Pick<StoredBodyParts, 'takePlace' | 'onFault'> {
  readonly path: string;
  readonly calls: Pick<DiskCalls, 'open'>;
  /** Whether so much of a body may be taken into memory. */
  readonly mayHold: (bytes: number) => boolean;
}

/** @throws {DamagedFile} it is not what was written @throws {NodeJS.ErrnoException} as the system says */
export async function readKept(reading: Reading): Promise<Entry> {
  const file = await reading.calls.open(reading.path);
  try {
    return await readFrom(file, reading);
  } finally {
    await file.close();
  }
}

async function readFrom(file: DiskFile, { path, calls, mayHold, ...told }: Reading): Promise<Entry> {
  const buffer = Buffer.allocUnsafe(FIRST_BYTES);
  const { bytesRead } = await file.read(buffer, 0, FIRST_BYTES, 0);
  const first = buffer.subarray(0, bytesRead);
  const lengths = lengthsOf(first);
  const { bodyBytes: length } = lengths;
  const at = PREAMBLE_BYTES + lengths.headBytes;
  const head = readHead(await upTo(file, first, at), lengths);
  if (!mayHold(length)) {
    const body = new StoredBody({ path, calls, head, at, length, ...told });
    return Object.freeze({ ...head.facts, body });
  }
  const body = await rest(file, first.subarray(at), { at, length });
  verify(body, head.checksums, 0);
  return Object.freeze({ ...head.facts, body });
}

async function upTo(file: DiskFile, first: Buffer, end: number): Promise<Buffer> {
  if (end <= first.length) return first.subarray(0, end);
  return Buffer.concat([first, await readExactly(file, first.length, end - first.length)]);
}

/** A body whose beginning is there already. It takes no more memory than its length. */
async function rest(
  file: DiskFile,
  begun: Buffer,
  { at, length }: { readonly at: number; readonly length: number },
): Promise<Buffer> {
  if (begun.length === 0) return await readExactly(file, at, length);
  const body = Buffer.allocUnsafeSlow(length);
  const copied = begun.copy(body);
  if (copied < length) (await readExactly(file, at + copied, length - copied)).copy(body, copied);
  return body;
}
