/**
 * Who can be in charge of a client's leg before there is a tunnel: Node's HTTP; nobody yet, when what comes behind a CONNECT
 * waits in the leg, within bounds; and nobody any more, when what comes behind a refusal is dropped.
 */
import { ProxyError } from '#errors.ts';
import type { Abort } from '#net/abort.ts';
import type { Leg, Sink } from '#net/leg.ts';
import type { SocketLeg } from '#net/socket-leg.ts';

/** What a client may send before its tunnel is there, or its answer whole; the rest stays in the kernel. */
export const MAX_EARLY_BYTES = 64 * 1024;

/** Gives what Node's HTTP does not read by itself to the stream that it reads from. */
export const HTTP_FEED: Sink = {
  onChunk: (leg, chunk) => (leg as SocketLeg).socket.push(Buffer.from(chunk)),
  onEnd: () => {},
  onClose: () => {},
};

/** In charge while a tunnel is being set up: keeps early bytes, and stops the transaction when the client is gone. */
export class EarlyBytes implements Sink {
  readonly #abort: Abort;

  constructor(abort: Abort) {
    this.#abort = abort;
  }

  onChunk(leg: Leg, chunk: Buffer): boolean {
    leg.hold(chunk);
    return leg.heldBytes < MAX_EARLY_BYTES;
  }

  /** A client may have said all it has to say; the tunnel passes its end on. */
  onEnd(): void {}

  onClose(): void {
    this.#abort.abort(new ProxyError('client_gone'));
  }
}

/** Nobody's business any more. */
export const DROP: Sink = { onChunk: () => true, onEnd: () => {}, onClose: () => {} };
