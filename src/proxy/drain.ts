/**
 * Who is still being served: transactions under way and tunnels open. When told to drain it waits for the last of them,
 * up to a deadline after which they are cut and recorded as `drained`.
 */

import { List, type Member } from '#net/list.ts';

/** How long the end of what was cut may take; it takes no longer than closing its sockets. */
const CUT_MS = 2000;

/** What can be ended from outside. */
export interface Cuttable extends Member<Cuttable> {
  cut(): void;
}

export class Drain {
  readonly #underWay = new List<Cuttable>();
  readonly #tunnels = new Map<string, number>();
  #onIdle: (() => void) | undefined = undefined;
  /** It is about to drain: what can be told to a client on the way is told (`Connection: close`). */
  isClosing = false;
  /** No new transaction is taken. */
  isDraining = false;

  /** Transactions under way, tunnels included. */
  get active(): number {
    return this.#underWay.size;
  }

  begin(transaction: Cuttable): void {
    this.#underWay.add(transaction);
  }

  end(transaction: Cuttable): void {
    this.#underWay.remove(transaction);
    if (this.#underWay.size === 0) this.#onIdle?.();
  }

  /** Counts a tunnel of `listener` as opened (1) or closed (-1). */
  countTunnel(listener: string, change: 1 | -1): void {
    this.#tunnels.set(listener, (this.#tunnels.get(listener) ?? 0) + change);
  }

  /** Open tunnels by listener, for the metric. */
  get tunnels(): ReadonlyMap<string, number> {
    return this.#tunnels;
  }

  /**
   * Waits until nothing is under way, at most `limitMs`, then cuts what is left.
   * @returns whether all ended by themselves
   */
  async drain(limitMs: number): Promise<boolean> {
    this.isClosing = true;
    this.isDraining = true;
    if (await this.#untilIdle(limitMs)) return true;
    this.cutAll();
    // What is cut has yet to close its sockets and write its record.
    await this.#untilIdle(CUT_MS);
    return false;
  }

  /** @returns false when `limitMs` have passed before */
  async #untilIdle(limitMs: number): Promise<boolean> {
    if (this.active === 0) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), limitMs);
    const onIdle = (): void => resolve(true);
    this.#onIdle = onIdle;
    const isIdle = await promise;
    clearTimeout(timer);
    return isIdle;
  }

  /** What is under way, oldest first. */
  members(): readonly Cuttable[] {
    return this.#underWay.members();
  }

  /** Ends everything that is under way. */
  cutAll(): void {
    for (const transaction of this.#underWay.members()) transaction.cut();
  }
}
