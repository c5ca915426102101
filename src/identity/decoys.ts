/**
 * What passwords of names that do not exist are held against. The hashes of a file may differ in what they cost, and time tells
 * that: so each such name has the cost of one of the users, always the same one. How long a name takes then says how strong its
 * hash is, if it has any, but not whether it has.
 */
import { createHash, createHmac } from 'node:crypto';
import { decoyHash, type PasswordHash } from './password-hash.ts';

/** A user's hash, as written and as read. */
interface Known {
  readonly text: string;
  readonly hash: PasswordHash;
}

export class Decoys {
  readonly #secret: Buffer;
  readonly #hashes: readonly PasswordHash[];

  /** Those of the same users choose alike, in another process as well; nobody who does not have their hashes can. */
  constructor(known: readonly Known[]) {
    this.#secret = createHash('sha256')
      .update(known.map(({ text }) => text).join('\n'))
      .digest();
    this.#hashes = known.length === 0 ? [decoyHash()] : known.map(({ hash }) => decoyHash(hash));
  }

  /** What is held against a password of the name, which is no user's. */
  of(name: string): PasswordHash {
    const choice = createHmac('sha256', this.#secret).update(name).digest().readUInt32BE();
    return this.#hashes[choice % this.#hashes.length] as PasswordHash;
  }
}
