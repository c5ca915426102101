/**
 * Checkpoints: records that are signed with a key (Ed25519), and with each the whole chain before it. Who can write the trail can
 * make all hashes anew; without the key nobody can make a checkpoint that holds.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { bodyOf, type Fields } from './canonical.ts';
import { contentOf, type Head, type Link, linkTo } from './chain.ts';

/** At most so many records stand between two checkpoints, whatever the time. */
export const CHECKPOINT_EVERY = 1000;
/** Of the public key as a file, whatever its form; what names a key in records. */
export const KEY_ID = /^[0-9a-f]{64}$/;

export class Signer {
  readonly keyId: string;
  readonly #key: KeyObject;

  /** @throws {Error} where `pem` is no private key of Ed25519 */
  constructor(pem: string) {
    this.#key = createPrivateKey(pem);
    requireEd25519(this.#key);
    this.keyId = keyIdOf(createPublicKey(this.#key));
  }

  /** In Base64. */
  sign(content: string): string {
    return sign(null, Buffer.from(content), this.#key).toString('base64');
  }
}

/** The checkpoint that follows `head`; without a signer it is none that proves anything, but still says what is on disk. */
export function checkpointAfter(head: Head, fields: Fields, signer: Signer | undefined): Link {
  const all = { ...fields, event: 'checkpoint', key: signer?.keyId };
  const body = bodyOf(all);
  if (signer === undefined) return linkTo(head, body);
  const signature = signer.sign(contentOf(head, body));
  return linkTo(head, bodyOf({ ...all, signature }));
}

/** Public keys by their id. */
export type PublicKeys = ReadonlyMap<string, KeyObject>;

/** @throws {Error} where `pem` is no public key of Ed25519 */
export function readPublicKey(pem: string): [keyId: string, key: KeyObject] {
  if (/PRIVATE KEY/.test(pem)) throw new Error('it is a private key, which no auditor should have');
  const key = createPublicKey(pem);
  requireEd25519(key);
  return [keyIdOf(key), key];
}

/** Whether a signature in Base64 is that of the content of a checkpoint, one character for each byte. */
export function isSigned(content: string, signature: string, key: KeyObject): boolean {
  const unsigned = content.replace(`"signature":"${signature}",`, '');
  return verify(null, Buffer.from(unsigned, 'latin1'), key, Buffer.from(signature, 'base64'));
}

function requireEd25519({ asymmetricKeyType }: KeyObject): void {
  if (asymmetricKeyType !== 'ed25519') throw new Error(`it is a key of ${asymmetricKeyType}`);
}

function keyIdOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}
