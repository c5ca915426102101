/**
 * A leg to the origin itself: only to addresses that the guard has vetted, tried in turn within the time that `establish` leaves.
 * One promise for all of it: each that is awaited on the way costs a tunnel a microsecond.
 */
import type { VettedAddress } from '#acl/guard.ts';
import { ProxyError } from '#errors.ts';
import { hostPort } from '#net/authority.ts';
import { dialFault } from '#net/dial-fault.ts';
import { type DialTarget, Opening, type OpeningObserver, type UpstreamLeg } from '#net/opening.ts';
import type { Transaction } from './transaction.ts';
import type { Upstream } from './upstream.ts';

/** @throws {ProxyError} of the last address: `connection_*`, `destination_unroutable`, `saturated`; the reason of the transaction's abort */
export function connectDirect(tx: Transaction, addresses: readonly VettedAddress[]): Promise<Upstream> {
  return new Promise((resolve, reject) => {
    new DirectConnect(tx, addresses, { resolve, reject }).tryNext(undefined);
  });
}

interface Settling {
  readonly resolve: (upstream: Upstream) => void;
  readonly reject: (error: ProxyError) => void;
}

class DirectConnect implements OpeningObserver {
  readonly #tx: Transaction;
  readonly #addresses: readonly VettedAddress[];
  readonly #settling: Settling;
  readonly #beganMs = performance.now();
  #tried = 0;
  #target: DialTarget | undefined = undefined;

  constructor(tx: Transaction, addresses: readonly VettedAddress[], settling: Settling) {
    this.#tx = tx;
    this.#addresses = addresses;
    this.#settling = settling;
  }

  /** Dials the next address. `last` is why the one before failed; an error is made only of what did, for its stack is dear. */
  tryNext(last: ProxyError | undefined): void {
    const tx = this.#tx;
    const ip = this.#addresses[this.#tried]?.ip;
    if (ip === undefined || tx.abort.reason !== undefined) {
      this.#settling.reject(tx.abort.reason ?? last ?? new ProxyError('destination_unavailable'));
      return;
    }
    this.#tried += 1;
    tx.upstreamIp = ip.text;
    const timeoutMs = tx.generation.config.timeouts.connect;
    this.#target = { address: ip.text, port: tx.port, timeoutMs, readsAtOnce: true };
    const opening = new Opening(tx.context.tools, this.#target, this);
    tx.abort.listen((reason) => opening.stop(reason));
  }

  onOpened(leg: UpstreamLeg): void {
    const tx = this.#tx;
    tx.abort.listen(undefined);
    tx.connectMs = performance.now() - this.#beganMs;
    const { address, port } = this.#target as DialTarget;
    this.#settling.resolve({ leg, nextHop: hostPort(address, port), proxyStatus: undefined, release });
  }

  onFailed(error: NodeJS.ErrnoException): void {
    this.#tx.abort.listen(undefined);
    this.tryNext(dialFault(this.#target as DialTarget, error));
  }
}

/** Of a leg that nobody counts. */
function release(): void {}
