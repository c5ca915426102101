/**
 * Reads the files that a configuration is made of, bounded in size and strict about UTF-8, and remembers the digest of
 * each, so that a change to any of them can be told from a mere touch.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

const MAX_BYTES = 16 * 1024 * 1024;

const FAILURES: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
};

/**
 * The bytes of a file, or of a `stream` that is called `path`.
 * @throws {Error} with a message for people where it cannot be read or is larger than 16 MiB
 */
export async function readBounded(
  path: string,
  stream: AsyncIterable<Buffer> = createReadStream(path, { end: MAX_BYTES }),
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_BYTES) break;
    }
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    throw new Error(`Cannot read "${path}": ${FAILURES[code] ?? code}`, { cause });
  }
  if (size > MAX_BYTES) throw new Error(`Cannot read "${path}": larger than 16 MiB`);
  return Buffer.concat(chunks, size);
}

/**
 * Text of a UTF-8 file, without a byte order mark.
 * @throws {Error} where the bytes are no UTF-8
 */
export function decodeText(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error(`Cannot read "${path}": not UTF-8 text`, { cause });
  }
}

/** SHA-256 in hexadecimal. */
export function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
