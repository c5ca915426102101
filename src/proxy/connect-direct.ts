/**
 * A leg to the origin itself: only to addresses that the guard has vetted, in a race (net/race.ts) within the time that `establish`
 * leaves. Where there is one address, nothing is there but one opening: no clock but its own, and one promise, as each costs a tunnel
 * a microsecond.
 */
import { performance } from 'node:perf_hooks';
import type { ProxyError } from '#errors.ts';
import { hostPort } from '#net/authority.ts';
import { dialFault } from '#net/dial-fault.ts';
import type { Opening, UpstreamLeg } from '#net/opening.ts';
import { openAny, type RaceObserver } from '#net/race.ts';
import { type DirectTarget, racersOf } from './racers.ts';
import type { Transaction } from './transaction.ts';
import type { Upstream } from './upstream.ts';

/**
 * @throws {ProxyError} of the last address that failed, of those with no path to them only where there are no others: `connection_*`,
 * `destination_unroutable`, `ports_exhausted`, `source_unavailable`, `saturated`; the reason of the transaction's abort
 */
export function connectDirect(tx: Transaction, target: DirectTarget): Promise<Upstream> {
  return new Promise((resolve, reject) => {
    tx.abort.check();
    new DirectConnect(tx, { resolve, reject }).begin(target);
  });
}

interface Settling {
  readonly resolve: (upstream: Upstream) => void;
  readonly reject: (error: ProxyError) => void;
}

class DirectConnect implements RaceObserver {
  readonly #tx: Transaction;
  readonly #settling: Settling;
  readonly #beganMs = performance.now();
  /** The address that was expected to be the best. */
  #first: string | undefined = undefined;

  constructor(tx: Transaction, settling: Settling) {
    this.#tx = tx;
    this.#settling = settling;
  }

  begin(target: DirectTarget): void {
    const tx = this.#tx;
    const { address, others } = racersOf(tx, target);
    this.#first = address;
    const { port } = tx;
    const source = target.source?.text;
    const timeoutMs = tx.generation.config.timeouts.connect;
    const wanted = { address, others, port, source, timeoutMs, readsAtOnce: true };
    const dial = openAny(tx.context.tools, wanted, this);
    tx.abort.listen((reason) => dial.stop(reason));
  }

  onDial(address: string): void {
    this.#tx.upstreamIp = address;
  }

  /** Where another address won, it is tried first next time. */
  onOpened(leg: UpstreamLeg, { target: { address, port } }: Opening): void {
    const tx = this.#tx;
    tx.abort.listen(undefined);
    tx.connectMs = performance.now() - this.#beganMs;
    tx.upstreamIp = address;
    if (address !== this.#first) tx.context.winners.remember(tx.host.text, address);
    this.#settling.resolve({ leg, nextHop: hostPort(address, port), proxyStatus: undefined, release });
  }

  onFailed(error: NodeJS.ErrnoException, opening: Opening): void {
    const { abort } = this.#tx;
    abort.listen(undefined);
    this.#settling.reject(abort.reason ?? dialFault(opening.target, error));
  }
}

/** Of a leg that nobody counts. */
function release(): void {}
