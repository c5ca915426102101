/**
 * A line of a key file: a secret that hops of ours share, in Base64, and the name under which assertions refer to it. The first
 * line of a file signs, all of them verify, so that a key changes without a moment in which one tier refuses the other.
 */
import { createHmac } from 'node:crypto';

/** Text alone, so that it can be sent to workers. */
export interface HopKey {
  /** Follows from the secret, so that nobody has to agree on it. */
  readonly kid: string;
  /** In Base64. */
  readonly secret: string;
}

/** As much as the hash gives (RFC 7518 section 3.2). */
const LEAST_BYTES = 32;
/** What is longer than a block of the hash is worth no more. */
const MOST_BYTES = 64;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const KID_LENGTH = 11;

/**
 * Reads one key. Its text is in no message.
 * @throws {Error} with the fix
 */
export function parseHopKey(line: string): HopKey {
  if (!BASE64.test(line)) {
    throw new Error(
      'The line is no Base64, write one key on each line as "openssl rand -base64 32" prints it',
    );
  }
  const secret = Buffer.from(line, 'base64');
  if (secret.length < LEAST_BYTES) {
    throw new Error(
      `The key has ${secret.length} bytes, write at least ${LEAST_BYTES}, as "openssl rand -base64 32" prints them`,
    );
  }
  if (secret.length > MOST_BYTES) {
    throw new Error(
      `The key has ${secret.length} bytes, write at most ${MOST_BYTES}, as "openssl rand -base64 32" prints them`,
    );
  }
  if (secret.every((byte) => byte === secret[0])) {
    throw new Error('The key is one byte again and again, write what "openssl rand -base64 32" prints');
  }
  return { kid: kidOf(secret), secret: line };
}

/** Tells nothing of the secret, and is another one for any other. */
function kidOf(secret: Buffer): string {
  return createHmac('sha256', secret).update('weir hop key').digest('base64url').slice(0, KID_LENGTH);
}
