/** The last bytes of an audit file, for what goes on from there, or looks what stands there already. */
import { open } from 'node:fs/promises';

export interface FileTail {
  readonly bytes: Buffer;
  /** Of the whole file. */
  readonly size: number;
}

/**
 * At most so many bytes; none where there is no file.
 * @throws {NodeJS.ErrnoException} where it cannot be read
 */
export async function tailOf(path: string, most: number): Promise<FileTail> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (file === undefined) return { bytes: Buffer.alloc(0), size: 0 };
  await using _ = file;
  const { size } = await file.stat();
  const length = Math.min(size, most);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
  return { bytes: buffer.subarray(0, bytesRead), size };
}
