/**
 * Which address of a host won the last race between several, so that the next connect begins with it (RFC 8305 section 4).
 * Only where it was not the first in order: who connects as expected costs nothing here. What is remembered says only with which
 * address to begin, never what may be dialled.
 */
import { LRUCache } from 'lru-cache';

/** Hosts that are remembered, and for how long. */
const MAX_HOSTS = 1000;
const REMEMBERED_MS = 10 * 60_000;

/** An address among others, for example one that a guard has vetted. */
interface Candidate {
  readonly ip: { readonly text: string };
}

export class Winners {
  readonly #addresses: LRUCache<string, string>;

  /** `clock` gives monotonic milliseconds above zero; tests pass their own. */
  constructor(clock: { now(): number } = performance) {
    this.#addresses = new LRUCache({ max: MAX_HOSTS, ttl: REMEMBERED_MS, ttlResolution: 0, perf: clock });
  }

  /** `address` was the first of `host` to connect, though it was not the first that was tried. */
  remember(host: string, address: string): void {
    this.#addresses.set(host, address);
  }

  /** The candidates in the order in which to try them: the winner first, where it is still among them. */
  order<One extends Candidate>(host: string, candidates: readonly One[]): readonly One[] {
    if (candidates.length < 2 || this.#addresses.size === 0) return candidates;
    const winner = this.#addresses.get(host);
    const at = winner === undefined ? -1 : candidates.findIndex(({ ip }) => ip.text === winner);
    if (at < 1) return candidates;
    return [candidates[at] as One, ...candidates.slice(0, at), ...candidates.slice(at + 1)];
  }
}
