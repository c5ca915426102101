/**
 * What a process knows of pods, by the news that it is told: whose an address is, how old that is, and whether it can be gone by at all.
 * The news come from a watch of its own (pod-watch.ts), or by way of the supervisor.
 */
import { Freshness } from './freshness.ts';
import { NamespaceDirectory } from './namespace-directory.ts';
import type { News } from './news.ts';
import type { Pod, PodChange } from './pod.ts';
import { type Place, PodIndex } from './pod-index.ts';
import { PodWaits, type PodWaitsOptions } from './pod-waits.ts';

export type PodNews = News<PodChange>;

export interface PodDirectoryOptions extends PodWaitsOptions {
  /** Told once of each node whose address a client has, for that one may be any pod on it. */
  readonly onNode?: (node: string, address: string) => void;
  /** Told when the API server has not been heard for so long that what is known of pods may be wrong, and when it is again. */
  readonly onStale?: (isStale: boolean) => void;
  /** The same of namespaces. */
  readonly onStaleNamespaces?: (isStale: boolean) => void;
  /** @default 5 minutes */
  readonly staleMs?: number;
}

interface Stance {
  readonly whenStale: 'keep' | 'unknown';
  readonly watchesNamespaces: boolean;
}

/** Nodes of which it was told; a cluster has no more. */
const MAX_TOLD = 20_000;

export class PodDirectory {
  /** Those that pods are in; nothing is known of them unless it is told news of them as well. */
  readonly namespaces: NamespaceDirectory;
  readonly #onNode: PodDirectoryOptions['onNode'];
  readonly #freshness: Freshness;
  readonly #index: PodIndex;
  readonly #waits: PodWaits;
  readonly #told = new Set<string>();
  #version = 0;
  #isSynced = false;

  constructor(options: PodDirectoryOptions = {}) {
    const { now, staleMs, onNode, onStale, onStaleNamespaces } = options;
    this.namespaces = new NamespaceDirectory({ now, staleMs, onStale: onStaleNamespaces });
    this.#onNode = onNode;
    this.#freshness = new Freshness({
      now,
      staleMs,
      onStale: (isStale) => {
        this.#version += 1;
        onStale?.(isStale);
      },
    });
    this.#index = new PodIndex((namespace) => this.namespaces.named(namespace));
    this.#waits = new PodWaits(options);
  }

  get size(): number {
    return this.#index.size;
  }

  /** Whether it was told of all pods once. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  get isStale(): boolean {
    return this.#freshness.isStale;
  }

  /** Another number whenever something else is known of pods, or may be believed no more. */
  get version(): number {
    return this.#version;
  }

  /** How long ago the API server said something; before it ever did, since when it is waited for. */
  get ageMs(): number {
    return this.#freshness.ageMs;
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
    return this.isStale ? undefined : this.#waits.untilKnown(address);
  }

  /** Takes over what the API server says. */
  take({ isAll, changes, ageMs }: PodNews): void {
    if (isAll) this.#index.replace(changes.filter(isPod));
    else for (const change of changes) this.#index.apply(change);
    if (isAll) this.#isSynced = true;
    if (isAll || changes.length > 0) this.#version += 1;
    this.#freshness.heard(ageMs);
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

  /** Goes by what a configuration in force says of the cluster, and forgets what is not watched any more. */
  heed(cluster: Stance | undefined): void {
    this.namespaces.forgetWhenStale(cluster?.whenStale === 'unknown');
    if (cluster === undefined) this.clear();
    else if (!cluster.watchesNamespaces) this.namespaces.clear();
  }

  /** Knows nothing any more. */
  clear(): void {
    this.#index.replace([]);
    this.#isSynced = false;
    this.#version += 1;
    this.#freshness.reset();
    this.namespaces.clear();
  }

  #tellNode(node: string, address: string): void {
    if (this.#told.has(node) || this.#told.size >= MAX_TOLD) return;
    this.#told.add(node);
    this.#onNode?.(node, address);
  }
}

function isPod(change: PodChange): change is Pod {
  return typeof change !== 'string';
}
