/**
 * What a process knows of pods, by the news that it is told: whose an address is, how old that is, and whether it can be gone by at all.
 * The news come from a watch of its own (pod-watch.ts), or by way of the supervisor.
 */
import type { Pod, PodChange } from './pod.ts';
import { type Place, PodIndex } from './pod-index.ts';
import { PodWaits, type PodWaitsOptions } from './pod-waits.ts';

/** Plain values, so that they can be sent to another process. */
export interface PodNews {
  /** The pods in {@link changes} are all that there are. */
  readonly isAll: boolean;
  /** In the order in which they came. */
  readonly changes: readonly PodChange[];
  /** How long ago the API server said something. */
  readonly ageMs: number;
}

export interface PodDirectoryOptions extends PodWaitsOptions {
  /** Told once of each node whose address a client has, for that one may be any pod on it. */
  readonly onNode?: (node: string, address: string) => void;
  /** Told when the API server has not been heard for so long that what is known may be wrong, and when it is again. */
  readonly onStale?: (isStale: boolean) => void;
  /** @default 5 minutes */
  readonly staleMs?: number;
}

const STALE_MS = 5 * 60_000;
/** Nodes of which it was told; a cluster has no more. */
const MAX_TOLD = 20_000;

export class PodDirectory {
  readonly #options: PodDirectoryOptions;
  readonly #now: () => number;
  readonly #staleMs: number;
  readonly #index = new PodIndex();
  readonly #waits: PodWaits;
  readonly #told = new Set<string>();
  #contactMs: number;
  #version = 0;
  #isSynced = false;
  #isStale = false;
  #timer: NodeJS.Timeout | undefined = undefined;

  constructor(options: PodDirectoryOptions = {}) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#staleMs = options.staleMs ?? STALE_MS;
    this.#waits = new PodWaits(options);
    this.#contactMs = this.#now();
  }

  get size(): number {
    return this.#index.size;
  }

  /** Whether it was told of all pods once. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  get isStale(): boolean {
    return this.#isStale;
  }

  /** Another number whenever something else is known, or may be believed no more. */
  get version(): number {
    return this.#version;
  }

  /** How long ago the API server said something; before it ever did, since when it is waited for. */
  get ageMs(): number {
    return this.#now() - this.#contactMs;
  }

  /** Whose an address is; undefined: nobody knows. `address` is canonical. */
  find(address: string): Place | undefined {
    const place = this.#index.find(address);
    if (place?.node !== undefined) this.#tellNode(place.node, address);
    return place;
  }

  /**
   * How many pods are ready that run under the service account of the one with this address, itself counted in any case;
   * undefined: no pod has it.
   */
  crewOf(address: string): number | undefined {
    const place = this.#index.find(address);
    if (place === undefined || place.node !== undefined) return undefined;
    const others = this.#index.ready.of(place.identity);
    return place.isReady === true ? others : others + 1;
  }

  /** Resolves when the address is known, or a moment is over; undefined: it is not worth waiting. */
  untilKnown(address: string): Promise<void> | undefined {
    return this.#isStale ? undefined : this.#waits.untilKnown(address);
  }

  /** Takes over what the API server says. */
  take({ isAll, changes, ageMs }: PodNews): void {
    if (isAll) this.#index.replace(changes.filter(isPod));
    else for (const change of changes) this.#index.apply(change);
    if (isAll) this.#isSynced = true;
    if (isAll || changes.length > 0) this.#version += 1;
    this.#contactMs = Math.max(this.#contactMs, this.#now() - ageMs);
    this.#judgeAge();
    if (this.#waits.size > 0) this.#waits.settle((address) => this.#index.find(address) !== undefined);
  }

  /** As another process has to be told of one pod: with the addresses that it has here. */
  known(uid: string): Pod | undefined {
    return this.#index.known(uid);
  }

  /** All that another process has to be told to begin with; undefined: nothing is known yet. */
  all(): PodNews | undefined {
    return this.#isSynced ? { isAll: true, changes: this.#index.all(), ageMs: this.ageMs } : undefined;
  }

  /** Knows nothing any more. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#index.replace([]);
    this.#isSynced = false;
    this.#isStale = false;
    this.#version += 1;
    this.#contactMs = this.#now();
  }

  /** One timer, however often something is said. */
  #judgeAge(): void {
    const leftMs = this.#staleMs - this.ageMs;
    this.#setStale(leftMs <= 0);
    if (leftMs <= 0 || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#judgeAge();
    }, Math.ceil(leftMs));
    this.#timer.unref();
  }

  #setStale(isStale: boolean): void {
    if (isStale === this.#isStale) return;
    this.#isStale = isStale;
    this.#version += 1;
    this.#options.onStale?.(isStale);
  }

  #tellNode(node: string, address: string): void {
    if (this.#told.has(node) || this.#told.size >= MAX_TOLD) return;
    this.#told.add(node);
    this.#options.onNode?.(node, address);
  }
}

function isPod(change: PodChange): change is Pod {
  return typeof change !== 'string';
}
