/**
 * Hashes of passwords by scrypt, in the PHC form `$scrypt$ln=15,r=8,p=3$SALT$HASH`. What a file may ask for is bounded, so that
 * no line of it costs a gigabyte or a minute.
 */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** A hash with all that is needed to compare a password with it. */
export interface PasswordHash {
  /** Binary logarithm of the cost. */
  readonly logCost: number;
  readonly blockSize: number;
  readonly parallel: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/** `promisify` knows the form without options only. */
const scryptLater = promisify(scrypt) as (
  password: string,
  salt: Buffer,
  length: number,
  options: ScryptOptions,
) => Promise<Buffer>;

type Parameters = Pick<PasswordHash, 'logCost' | 'blockSize' | 'parallel'>;

/** What OWASP recommends for 32 MiB of memory. */
const STRENGTH: Parameters = { logCost: 15, blockSize: 8, parallel: 3 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
const FORM = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22,86})\$([A-Za-z0-9+/]{43})$/;
const BOUNDS: Readonly<Record<keyof Parameters, readonly [least: number, most: number]>> = {
  logCost: [10, 17],
  blockSize: [8, 16],
  parallel: [1, 8],
};

/**
 * Reads one hash. Its text is in no message.
 * @throws {Error} with the fix
 */
export function parsePasswordHash(text: string): PasswordHash {
  const [, logCost, blockSize, parallel, salt = '', hash = ''] = FORM.exec(text) ?? [];
  const parameters = { logCost: Number(logCost), blockSize: Number(blockSize), parallel: Number(parallel) };
  const isBounded = Object.entries(BOUNDS).every(([name, [least, most]]) => {
    const value = parameters[name as keyof Parameters];
    return value >= least && value <= most;
  });
  if (!isBounded) throw new Error('Password hash cannot be read, write the line that "weir passwd" prints');
  return { ...parameters, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

/** A new hash of a password, as text. */
export async function hashPassword(password: string, strength: Parameters = STRENGTH): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, { ...strength, salt });
  const { logCost, blockSize, parallel } = strength;
  return `$scrypt$ln=${logCost},r=${blockSize},p=${parallel}$${textOf(salt)}$${textOf(hash)}`;
}

/** Whether the password is the one; takes the same time whether it is or not. */
export async function isPassword(password: string, expected: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, expected), expected.hash);
}

/** A hash that is no password's, to be compared with where there is no user: that must take as long. */
export function decoyHash(strength: Parameters = STRENGTH): PasswordHash {
  return { ...strength, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) };
}

function derive(
  password: string,
  { logCost, blockSize, parallel, salt }: Omit<PasswordHash, 'hash'>,
): Promise<Buffer> {
  const cost = 2 ** logCost;
  const maxmem = 256 * cost * blockSize;
  const options = { cost, blockSize, parallelization: parallel, maxmem };
  return scryptLater(password, salt, HASH_BYTES, options);
}

/** PHC has no padding. */
function textOf(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
