/**
 * The clocks of a connection between transactions: a head must be complete `head` after its first byte, and a connection
 * that sends nothing may be silent for `keepAlive`. One sweep over all connections of a listener; Node's own clock would
 * start at the connect, and cut warm connections.
 */
import { performance } from 'node:perf_hooks';
import { ProxyError, type Reason } from '#errors.ts';
import { List } from '#net/list.ts';
import type { Connection } from './connection.ts';
import type { Evictor } from './crowd.ts';
import type { Intake } from './intake.ts';

const SWEEP_MS = 250;

export class HeadClock implements Evictor {
  readonly goesFirst = false;
  readonly #intake: Intake;
  readonly #watched = new List<Connection>();
  #sweep: NodeJS.Timeout | undefined = undefined;
  #isClosing = false;

  constructor(intake: Intake) {
    this.#intake = intake;
  }

  /** Watches a new connection until it closes or is taken over. */
  watch(connection: Connection): void {
    this.#watched.add(connection);
    this.#sweep ??= setInterval(() => this.#check(), SWEEP_MS).unref();
  }

  /** The connection is a tunnel from now on, with clocks of its own. */
  unwatch(connection: Connection): void {
    this.#watched.remove(connection);
  }

  /** Ends those that are silent for longest; where none is, heads that have been coming for longest. None sooner than after `quietMs`. */
  evict(count: number, quietMs = 0): number {
    const nowMs = performance.now();
    const idle = this.#watched
      .members()
      .filter((one) => !one.isBusy && !one.leg.closed && one.quietMs(nowMs) >= quietMs);
    const silent = idle.filter(({ hasPartialHead }) => !hasPartialHead);
    const evicted = (silent.length > 0 ? silent : idle)
      .sort((a, b) => b.quietMs(nowMs) - a.quietMs(nowMs))
      .slice(0, count);
    for (const connection of evicted) {
      this.unwatch(connection);
      void this.#dismiss(connection, 'saturated');
    }
    return evicted.length;
  }

  /** Ends silent connections now, and the others as soon as their transaction is over. */
  close(): void {
    this.#isClosing = true;
    this.#check();
  }

  /** Ends all that is left: silent connections, answers that are not read, and, with an answer, heads that are not whole. */
  async end(): Promise<void> {
    const left = this.#watched.members().filter(({ isOver, hasPartialHead }) => !isOver || hasPartialHead);
    await Promise.all(left.map((connection) => this.#dismiss(connection, 'draining')));
  }

  /** Ends a connection: with an answer where a head is not whole. */
  #dismiss(connection: Connection, reason: Reason): Promise<void> | undefined {
    if (connection.hasPartialHead) return this.#intake.refuse(connection, new ProxyError(reason));
    connection.leg.destroy();
    connection.place?.leave();
    return undefined;
  }

  #check(): void {
    const nowMs = performance.now();
    if (this.#watched.size === 0) this.#stop();
    for (const connection of this.#watched.members()) {
      if (connection.leg.closed) this.unwatch(connection);
      else if (connection.isBusy) connection.hadPartialHead = false;
      else if (connection.hasPartialHead) this.#checkHead(connection, nowMs);
      else this.#checkSilence(connection, nowMs);
    }
  }

  #stop(): void {
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  #checkHead(connection: Connection, nowMs: number): void {
    if (!connection.hadPartialHead) {
      connection.hadPartialHead = true;
      connection.headBegan(nowMs);
    } else if (connection.quietMs(nowMs) >= this.#intake.context.generation.config.timeouts.head) {
      this.unwatch(connection);
      void this.#intake.refuse(connection, new ProxyError('request_timeout'));
    }
  }

  #checkSilence(connection: Connection, nowMs: number): void {
    connection.hadPartialHead = false;
    const { head, keepAlive } = this.#intake.context.generation.config.timeouts;
    // One that is there only to be told something takes a place of others that are.
    const isOver = connection.quietMs(nowMs) >= (connection.refusal === undefined ? keepAlive : head);
    if (this.#isClosing || isOver) connection.leg.destroy();
  }
}
