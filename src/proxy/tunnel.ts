/**
 * An established tunnel: a relay with a transaction's clocks and records around it. `open` when it begins, `update` every
 * minute, `end` through the transaction. Idle time is read off the byte counts at each check, so that a byte costs no clock.
 */
import { ProxyError, type Reason } from '#errors.ts';
import { type Ending, Relay, type RelayObserver } from '#net/duplex.ts';
import type { Leg } from '#net/leg.ts';
import { KEEP_ALIVE_MS } from '#net/limits.ts';
import { MeteredRelay } from '#net/metered-relay.ts';
import { HelloWatch } from './hello-watch.ts';
import { judgeAgain, judgeByAddress } from './judge-again.ts';
import type { Phase, Transaction } from './transaction.ts';
import type { Upstream } from './upstream.ts';

const UPDATE_MS = 60_000;

export class Tunnel implements RelayObserver, Phase {
  readonly #tx: Transaction;
  readonly #relay: Relay;
  readonly #release: () => void;
  readonly #openedMs: number;
  #bytesSeen = 0;
  #activeMs: number;
  #halfClosedMs = 0;
  #updateDueMs: number;
  #isKeptAlive = false;

  constructor(tx: Transaction, client: Leg, upstream: Upstream) {
    this.#tx = tx;
    this.#release = upstream.release;
    const legs = { client, upstream: upstream.leg };
    const { claim } = tx;
    this.#relay = claim?.isMetered ? new MeteredRelay(legs, this, claim) : new Relay(legs, this);
    this.#openedMs = tx.context.tools.wheel.now();
    this.#activeMs = this.#openedMs;
    this.#updateDueMs = this.#openedMs + UPDATE_MS;
  }

  /** Relays from now on; the transaction ends with the tunnel. */
  start(): void {
    const tx = this.#tx;
    tx.context.drain.countTunnel(tx.listener, 1);
    tx.isTunnel = true;
    tx.record('open');
    tx.phase = this;
    this.#schedule();
    tx.abort.listen((reason) => this.#cut(reason));
    this.#relay.start();
    // While it was opened another policy or another time has come, and those that were open then have been judged.
    if (tx.isTunnel && tx.round !== tx.context.round && !judgeAgain(tx)) void judgeByAddress(tx);
  }

  /** As {@link start}; the ClientHello is recorded as it passes. */
  startWatched(): void {
    const { leg } = this.#tx.connection;
    const watch = new HelloWatch(this.#tx, this.#relay);
    watch.lookAhead(leg);
    this.start();
    watch.attachTo(leg);
  }

  onDeadline(): void {
    this.#check();
  }

  onHalfClose(): void {
    this.#halfClosedMs = this.#tx.context.tools.wheel.now();
    this.#activeMs = this.#halfClosedMs;
    this.#schedule();
  }

  onDone(ending: Ending): void {
    const tx = this.#tx;
    tx.abort.listen(undefined);
    this.#count();
    if (ending.how === 'reset') tx.fail(brokenBy(ending));
    tx.closedBy = ending.by;
    this.#release();
    tx.context.drain.countTunnel(tx.listener, -1);
    tx.finish();
  }

  #cut(reason: ProxyError): void {
    this.#tx.fail(reason);
    this.#relay.cut();
  }

  #check(): void {
    const now = this.#tx.context.tools.wheel.now();
    if (this.#count()) this.#activeMs = now;
    const reason = this.#overdue(now);
    if (reason !== undefined) {
      this.#cut(new ProxyError(reason));
      return;
    }
    if (now >= this.#updateDueMs) {
      // Only now: most tunnels do not live so long, and it takes four system calls for each side.
      if (!this.#isKeptAlive) this.#relay.keepAlive(KEEP_ALIVE_MS);
      this.#isKeptAlive = true;
      this.#updateDueMs = now + UPDATE_MS;
      this.#tx.record('update');
    }
    this.#schedule();
  }

  #overdue(now: number): Reason | undefined {
    const { idle, lifetime, linger } = this.#tx.generation.config.timeouts;
    if (now - this.#openedMs >= lifetime) return 'lifetime_reached';
    if (this.#halfClosedMs > 0 && now - this.#activeMs >= linger) return 'linger_timeout';
    return now - this.#activeMs >= idle ? 'idle_timeout' : undefined;
  }

  /** The next check: early enough for each clock, late by at most a quarter of the idle time. */
  #schedule(): void {
    const { idle, lifetime, linger } = this.#tx.generation.config.timeouts;
    const now = this.#tx.context.tools.wheel.now();
    const quiet = this.#halfClosedMs > 0 ? Math.min(idle, linger) : idle;
    const dueMs = Math.min(
      this.#activeMs + quiet > now ? Math.min(quiet / 4, this.#activeMs + quiet - now) : 0,
      this.#openedMs + lifetime - now,
      this.#updateDueMs - now,
    );
    this.#tx.deadline.set(Math.max(dueMs, 0));
  }

  /** Takes over the relay's byte counts. @returns whether any byte passed since the last time */
  #count(): boolean {
    const { bytesFromClient, bytesToClient, firstByteAtMs } = this.#relay;
    const tx = this.#tx;
    tx.bytesFromClient = bytesFromClient;
    tx.bytesToClient = bytesToClient;
    if (firstByteAtMs > 0) tx.firstByteMs ??= firstByteAtMs - tx.startedMs;
    const total = bytesFromClient + bytesToClient;
    const hasMoved = total !== this.#bytesSeen;
    this.#bytesSeen = total;
    return hasMoved;
  }
}

function brokenBy(ending: Ending): ProxyError {
  const code = (ending.error as NodeJS.ErrnoException | undefined)?.code ?? 'closed';
  const reason = ending.by === 'client' ? 'client_gone' : 'connection_terminated';
  return new ProxyError(reason, {
    detail: `Tunnel broken by the ${ending.by}: ${code}`,
    cause: ending.error,
  });
}
