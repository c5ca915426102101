/** A relay whose bytes are counted by a meter, which may make either side wait. */
import { Relay, type RelayObserver } from './duplex.ts';
import type { Leg } from './leg.ts';

/** Whoever waits for a meter. */
export interface Metered {
  onPaid(): void;
}

export interface Meter {
  /** So many bytes have passed. @returns false where no more may until `waiter` is told */
  count(bytes: number, waiter: Metered): boolean;
}

/** What one leg reads. */
class Side implements Metered {
  readonly #relay: MeteredRelay;
  readonly from: Leg;
  /** It is not read until the meter says so. */
  isWaiting = false;
  /** What was read has yet to be taken by the other leg. */
  isBlocked = false;
  /** The other leg, where it took all meanwhile. */
  drained: Leg | undefined = undefined;

  constructor(relay: MeteredRelay, from: Leg) {
    this.#relay = relay;
    this.from = from;
  }

  onPaid(): void {
    const { drained } = this;
    this.isWaiting = false;
    this.drained = undefined;
    if (drained !== undefined) this.#relay.onDrain(drained);
    else if (!this.isBlocked) this.from.resume();
  }
}

export class MeteredRelay extends Relay {
  readonly #client: Side;
  readonly #upstream: Side;
  readonly #meter: Meter;

  constructor(legs: { readonly client: Leg; readonly upstream: Leg }, observer: RelayObserver, meter: Meter) {
    super(legs, observer);
    this.#client = new Side(this, legs.client);
    this.#upstream = new Side(this, legs.upstream);
    this.#meter = meter;
  }

  override onChunk(leg: Leg, chunk: Buffer): boolean {
    const isTaken = super.onChunk(leg, chunk);
    const side = leg === this.#client.from ? this.#client : this.#upstream;
    if (this.#meter.count(chunk.length, side)) return isTaken;
    side.isWaiting = true;
    side.isBlocked = !isTaken;
    return false;
  }

  override onDrain(leg: Leg): void {
    const side = leg === this.#client.from ? this.#upstream : this.#client;
    // The relay would read on.
    if (side.isWaiting && side.isBlocked) side.drained = leg;
    else super.onDrain(leg);
  }
}
