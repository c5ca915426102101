/**
 * Counts limits in the memory of this process, each whole or the share of one host in it. Nothing is kept over a restart.
 */
import { Bucket, type BucketSize } from './bucket.ts';
import { ownersOf } from './limit.ts';
import { isInner, type LimitOptions, type Resource } from './options.ts';
import { type LimitStore, Quota, type ShareOut } from './quota.ts';
import { QuotaTable } from './quota-table.ts';

/** Where a store takes its time from. Tests pass their own. */
export interface LimitClock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since the epoch, for the day. */
  wall(): number;
}

export const SYSTEM_CLOCK: LimitClock = { now: () => performance.now(), wall: () => Date.now() };

const DAY_MS = 86_400_000;
/** Bandwidth may be made up for after so long: what waits is looked at once in two turns of the wheel at worst. */
const BANDWIDTH_BURST_MS = 200;
const MIN_BANDWIDTH_BURST = 16 * 1024;

/** A limit's numbers, in the form that is counted with. */
interface Sizes {
  readonly requests: BucketSize | undefined;
  readonly bandwidth: BucketSize | undefined;
  readonly tunnels: number;
  readonly bytesPerDay: number;
}

const WHOLE: ShareOut = () => 1;

export class MemoryStore implements LimitStore {
  readonly #clock: LimitClock;
  readonly #hosts: ShareOut;

  /** Each limit that a configuration names is shared out evenly among so many `hosts`, of which this is one. */
  constructor(clock: LimitClock = SYSTEM_CLOCK, hosts: ShareOut = WHOLE) {
    this.#clock = clock;
    this.#hosts = hosts;
  }

  open(options: LimitOptions): QuotaTable<MemoryQuota> {
    const share = new Share(options, isInner(options.name) ? WHOLE : this.#hosts);
    return new QuotaTable({
      make: (key) => new MemoryQuota(key, share, this.#clock),
      ownerOf: ownersOf(options),
    });
  }
}

/** What one host has of a limit. A bucket stays as full as it was when the share becomes another. */
class Share {
  readonly #options: LimitOptions;
  readonly #hosts: ShareOut;
  #among = 0;
  #sizes: Sizes | undefined = undefined;

  constructor(options: LimitOptions, hosts: ShareOut) {
    this.#options = options;
    this.#hosts = hosts;
  }

  get now(): Sizes {
    const among = this.#hosts();
    if (this.#sizes !== undefined && among === this.#among) return this.#sizes;
    this.#among = among;
    this.#sizes = sizesOf(this.#options, among);
    return this.#sizes;
  }
}

/** Of what comes in whole, each has one at least: else nobody would have any where it is shared among many. */
function sizesOf({ requests, tunnels, bandwidth, bytesPerDay }: LimitOptions, among: number): Sizes {
  const whole = (total: number): number => Math.max(1, Math.floor(total / among));
  return {
    requests: requests && {
      perMs: requests.perSecond / 1000 / among,
      capacity: Math.max(1, requests.burst / among),
    },
    bandwidth: bandwidth === undefined ? undefined : bandwidthSize(bandwidth / 1000 / among),
    tunnels: tunnels === undefined ? Number.POSITIVE_INFINITY : whole(tunnels),
    bytesPerDay: bytesPerDay === undefined ? Number.POSITIVE_INFINITY : whole(bytesPerDay),
  };
}

/** The bucket of a bandwidth, which is in bytes a millisecond. */
export function bandwidthSize(perMs: number): BucketSize {
  return { perMs, capacity: Math.max(perMs * BANDWIDTH_BURST_MS, MIN_BANDWIDTH_BURST) };
}

export class MemoryQuota extends Quota {
  readonly #share: Share;
  readonly #clock: LimitClock;
  readonly #requests = new Bucket();
  readonly #bandwidth = new Bucket();
  #tunnels = 0;
  /** Bytes of {@link #day}, in days since the epoch. */
  #bytes = 0;
  #day = 0;

  constructor(key: string, share: Share, clock: LimitClock) {
    super(key);
    this.#share = share;
    this.#clock = clock;
  }

  /** How much could be taken now. */
  left(resource: Resource): number {
    const { requests, bandwidth, tunnels, bytesPerDay } = this.#share.now;
    switch (resource) {
      case 'requests':
        return requests ? this.#requests.level(requests, this.#clock.now()) : Number.POSITIVE_INFINITY;
      case 'bandwidth':
        return bandwidth ? this.#bandwidth.level(bandwidth, this.#clock.now()) : Number.POSITIVE_INFINITY;
      case 'tunnels':
        return tunnels - this.#tunnels;
      case 'bytesPerDay':
        return bytesPerDay - this.#bytesToday();
    }
  }

  take(resource: Resource, want: number): number {
    const { requests, bandwidth } = this.#share.now;
    if (resource === 'requests')
      return requests ? this.#requests.take(requests, want, this.#clock.now()) : want;
    if (resource === 'bandwidth')
      return bandwidth ? this.#bandwidth.take(bandwidth, want, this.#clock.now()) : want;
    const granted = Math.max(0, Math.min(want, this.left(resource)));
    if (resource === 'tunnels') {
      this.#tunnels += granted;
    } else {
      this.#day = this.#today();
      this.#bytes += granted;
    }
    return granted;
  }

  charge(bytes: number): void {
    const { bandwidth } = this.#share.now;
    if (bandwidth) this.#bandwidth.charge(bandwidth, bytes, this.#clock.now());
  }

  giveBack(resource: Resource, amount: number): void {
    const { requests, bandwidth } = this.#share.now;
    if (resource === 'requests' && requests) this.#requests.giveBack(requests, amount);
    if (resource === 'bandwidth' && bandwidth) this.#bandwidth.giveBack(bandwidth, amount);
    if (resource === 'tunnels') this.#tunnels = Math.max(0, this.#tunnels - amount);
    // What is left of yesterday's is nothing of today's.
    if (resource === 'bytesPerDay') this.#bytes = Math.max(0, this.#bytesToday() - amount);
  }

  retryMs(resource: Resource): number | undefined {
    const { requests } = this.#share.now;
    if (resource === 'requests' && requests) return this.#requests.waitMs(requests, this.#clock.now());
    return resource === 'bytesPerDay' ? DAY_MS - (this.#clock.wall() % DAY_MS) : undefined;
  }

  get isFresh(): boolean {
    const now = this.#clock.now();
    const isFull = this.#requests.isFull(now) && this.#bandwidth.isFull(now);
    return isFull && this.#tunnels === 0 && this.#bytesToday() === 0;
  }

  #bytesToday(): number {
    if (this.#bytes === 0) return 0;
    const day = this.#today();
    if (day !== this.#day) this.#bytes = 0;
    return this.#bytes;
  }

  #today(): number {
    return Math.floor(this.#clock.wall() / DAY_MS);
  }
}
