/**
 * A leg to the origin itself: only to addresses that the guard has vetted, in a race within the time that `establish` leaves. The
 * next address is tried when the one before has failed, or is slow (RFC 8305 section 5); the first to connect wins. Where the first
 * connects soon, nothing is there but one opening: no clock but its own, and one promise, as each costs a tunnel a microsecond.
 */
import type { VettedAddress } from '#acl/guard.ts';
import { ProxyError } from '#errors.ts';
import { hostPort } from '#net/authority.ts';
import { dialFault } from '#net/dial-fault.ts';
import type { IpAddress } from '#net/ip.ts';
import { Opening, type OpeningObserver, type UpstreamLeg } from '#net/opening.ts';
import { reachableFrom } from './reachable-from.ts';
import type { Transaction } from './transaction.ts';
import type { Upstream } from './upstream.ts';

/** RFC 8305 section 8; the wheel makes it up to a tick more. */
const ATTEMPT_DELAY_MS = 250;
/** Addresses that one transaction may try: a name that leads to many must not make of one request as many connects. */
const MAX_ATTEMPTS = 16;

/** Where to. */
interface DirectTarget {
  readonly addresses: readonly VettedAddress[];
  /** The address of this host to connect from; undefined: the system chooses. */
  readonly source: IpAddress | undefined;
}

/**
 * @throws {ProxyError} of the last address that failed, of those with no path to them only where there are no others: `connection_*`,
 * `destination_unroutable`, `ports_exhausted`, `source_unavailable`, `saturated`; the reason of the transaction's abort
 */
export function connectDirect(tx: Transaction, target: DirectTarget): Promise<Upstream> {
  return new Promise((resolve, reject) => {
    new DirectConnect(tx, target, { resolve, reject }).begin();
  });
}

interface Settling {
  readonly resolve: (upstream: Upstream) => void;
  readonly reject: (error: ProxyError) => void;
}

class DirectConnect implements OpeningObserver {
  readonly #tx: Transaction;
  readonly #addresses: readonly VettedAddress[];
  readonly #source: string | undefined;
  readonly #settling: Settling;
  readonly #beganMs = performance.now();
  #tried = 0;
  /** The one that began last, while it is under way. */
  #latest: Opening | undefined = undefined;
  /** Those before it that are still under way; nearly always there are none. */
  #slower: Opening[] | undefined = undefined;
  #fault: ProxyError | undefined = undefined;
  #isWon = false;

  constructor(tx: Transaction, { addresses, source }: DirectTarget, settling: Settling) {
    this.#tx = tx;
    this.#addresses = tx.context.winners.order(tx.host.text, reachableFrom(source, addresses));
    this.#source = source?.text;
    this.#settling = settling;
  }

  begin(): void {
    this.#dialNext();
    if (this.#latest === undefined) this.#lose();
    else this.#tx.abort.listen((reason) => this.#stopAll(reason));
  }

  onOpened(leg: UpstreamLeg, opening: Opening): void {
    const tx = this.#tx;
    const { address, port } = opening.target;
    this.#isWon = true;
    tx.abort.listen(undefined);
    tx.connectMs = performance.now() - this.#beganMs;
    if (this.#tried > 1) this.#endRace(opening);
    this.#settling.resolve({ leg, nextHop: hostPort(address, port), proxyStatus: undefined, release });
  }

  onSlow(opening: Opening): void {
    // One that is not the latest has had the next one tried already.
    if (opening === this.#latest) this.#dialNext();
  }

  onFailed(error: NodeJS.ErrnoException, opening: Opening): void {
    this.#forget(opening);
    if (this.#isWon) return;
    this.#noteFault(dialFault(opening.target, error));
    this.#dialNext();
    if (this.#latest === undefined && this.#slower === undefined) this.#lose();
  }

  /** Of no use where there is none left, or nobody waits for it any more. */
  #dialNext(): void {
    const tx = this.#tx;
    const ip = this.#tried < MAX_ATTEMPTS ? this.#addresses[this.#tried]?.ip : undefined;
    if (ip === undefined || tx.abort.reason !== undefined || this.#isWon) return;
    this.#tried += 1;
    tx.upstreamIp = ip.text;
    const timeoutMs = tx.generation.config.timeouts.connect;
    const isLast = this.#tried === this.#addresses.length || timeoutMs <= ATTEMPT_DELAY_MS;
    const slowAfterMs = isLast ? undefined : ATTEMPT_DELAY_MS;
    const { port } = tx;
    const target = {
      address: ip.text,
      port,
      source: this.#source,
      timeoutMs,
      readsAtOnce: true,
      slowAfterMs,
    };
    if (this.#latest !== undefined) this.#slower = [...(this.#slower ?? []), this.#latest];
    this.#latest = new Opening(tx.context.tools, target, this);
  }

  #forget(opening: Opening): void {
    if (opening === this.#latest) this.#latest = undefined;
    const slower = this.#slower?.filter((one) => one !== opening);
    this.#slower = slower?.length === 0 ? undefined : slower;
  }

  /** An address to which there is no path says nothing of the target, where another one did. */
  #noteFault(fault: ProxyError): void {
    if (this.#fault === undefined || fault.reason !== 'destination_unroutable') this.#fault = fault;
  }

  /** The others are of no use any more. The winner is tried first next time. */
  #endRace(winner: Opening): void {
    const { context, host } = this.#tx;
    const { address } = winner.target;
    this.#tx.upstreamIp = address;
    if (address !== this.#addresses[0]?.ip.text) context.winners.remember(host.text, address);
    const lost = new Error('Another address was faster');
    for (const opening of [this.#latest, ...(this.#slower ?? [])]) {
      if (opening !== winner) opening?.stop(lost);
    }
  }

  #stopAll(reason: ProxyError): void {
    for (const opening of [this.#latest, ...(this.#slower ?? [])]) opening?.stop(reason);
  }

  #lose(): void {
    const { abort } = this.#tx;
    abort.listen(undefined);
    this.#settling.reject(abort.reason ?? this.#fault ?? new ProxyError('destination_unavailable'));
  }
}

/** Of a leg that nobody counts. */
function release(): void {}
