/** The body of a plain request on its way to the next hop, where a limit counts its bytes. */
import { PassThrough, type TransformCallback } from 'node:stream';
import type { Claim } from '#limit/claim.ts';
import type { Transaction } from './transaction.ts';

/** A stream to pipe the client's body into. */
export function bodyFor({ claim }: Transaction): PassThrough {
  return claim?.isMetered ? new MeteredBody(claim) : new PassThrough();
}

class MeteredBody extends PassThrough {
  readonly #claim: Claim;

  constructor(claim: Claim) {
    super();
    this.#claim = claim;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    const waiter = { onPaid: () => callback(null, chunk) };
    if (this.#claim.count(chunk.length, waiter)) callback(null, chunk);
  }
}
