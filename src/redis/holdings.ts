/**
 * What this process has of each key: tunnels by where they are counted, and until when it is known that nothing is left. By the numbers
 * of the quotas that ask (limit/lending.ts).
 */
import type { Ask, Grant } from '#limit/lending.ts';
import type { Resource } from '#limit/options.ts';

/** What is used up is not asked for again for so long, or as long as it takes to come in if that is less. */
const MOST_DRY_MS = 1000;
/** Where nobody knows how long that is. */
const DRY_MS = 20;

export class Holding {
  readonly limit: Ask['limit'];
  readonly key: string;
  /** Tunnels that Redis counts, and those that count elsewhere. */
  shared = 0;
  insured = 0;
  readonly #dryUntilMs = new Map<Resource, number>();
  /** When there will be some, as Redis said: often later than it is asked again. */
  readonly #moreAtMs = new Map<Resource, number>();

  constructor({ limit, key }: Pick<Ask, 'limit' | 'key'>) {
    this.limit = limit;
    this.key = key;
  }

  /** Milliseconds for which nothing need be asked for; 0: it may be there. */
  dryMs(resource: Resource, nowMs: number): number {
    return Math.max(0, (this.#dryUntilMs.get(resource) ?? 0) - nowMs);
  }

  /** Milliseconds until some will be there, as Redis said when it was asked last; what a client is told. */
  moreInMs(resource: Resource, nowMs: number): number {
    return Math.max(0, (this.#moreAtMs.get(resource) ?? 0) - nowMs);
  }

  /** Redis has answered. */
  note({ resource, granted, retryMs }: Grant, nowMs: number): void {
    if (resource === 'tunnels') this.shared += granted;
    if (granted > 0) {
      this.#dryUntilMs.delete(resource);
      return;
    }
    this.#dryUntilMs.set(resource, nowMs + Math.min(retryMs || DRY_MS, MOST_DRY_MS));
    this.#moreAtMs.set(resource, nowMs + (retryMs ?? 0));
  }

  /** Tunnels have ended. @returns how many of them Redis counts; the others count elsewhere */
  release(amount: number): number {
    const shared = Math.min(amount, this.shared);
    this.shared -= shared;
    this.insured = Math.max(0, this.insured - (amount - shared));
    this.#dryUntilMs.delete('tunnels');
    return shared;
  }

  isIdle(nowMs: number): boolean {
    return this.shared + this.insured === 0 && [...this.#dryUntilMs.values()].every((ms) => ms <= nowMs);
  }
}

export class Holdings {
  readonly #byQuota = new Map<number, Holding>();

  of(ask: Pick<Ask, 'quota' | 'limit' | 'key'>): Holding {
    let holding = this.#byQuota.get(ask.quota);
    if (holding === undefined) {
      holding = new Holding(ask);
      this.#byQuota.set(ask.quota, holding);
    }
    return holding;
  }

  /** Counted elsewhere. */
  noteInsured({ quota, resource, granted }: Grant): void {
    const holding = this.#byQuota.get(quota);
    if (holding !== undefined && resource === 'tunnels') holding.insured += granted;
  }

  all(): Iterable<[quota: number, Holding]> {
    return this.#byQuota;
  }

  forgetIdle(nowMs: number): void {
    for (const [quota, holding] of this.#byQuota) if (holding.isIdle(nowMs)) this.#byQuota.delete(quota);
  }
}
