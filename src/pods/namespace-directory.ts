/**
 * What a process knows of namespaces, by the news that it is told: which labels they have, and whether that can be gone by. Of a
 * namespace that nobody has told of nothing is known, for what asks for its labels may not let anything pass by them.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { NamespaceLabels } from '#match/subject.ts';
import { Freshness, type FreshnessOptions } from './freshness.ts';
import { LabelSet } from './label-sets.ts';
import type { Namespace, NamespaceChange } from './namespace.ts';
import type { News } from './news.ts';

export type NamespaceNews = News<NamespaceChange>;

export interface NamespaceDirectoryOptions extends FreshnessOptions {
  /** @default twice of what Kubernetes is built for. Of more than that nothing is known. */
  readonly most?: number;
  /** How long is waited for the first news. @default 3 s */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 3_000;
const MAX_NAMESPACES = 20_000;
/** Names that pods have said. Beyond that it begins anew: what was handed out stays right. */
const MAX_NAMES = 100_000;

/** What is kept of one. */
interface Entry {
  readonly labels: LabelSet;
  readonly hasAllLabels: boolean;
}

/** Finds the labels when they are asked for. */
class NamedNamespace implements NamespaceLabels {
  readonly #directory: NamespaceDirectory;
  readonly #name: string;

  constructor(directory: NamespaceDirectory, name: string) {
    this.#directory = directory;
    this.#name = name;
  }

  get labels(): LabelSet | undefined {
    return this.#directory.find(this.#name)?.labels;
  }

  get hasAllLabels(): boolean {
    return this.#directory.find(this.#name)?.hasAllLabels === true;
  }
}

export class NamespaceDirectory {
  readonly #most: number;
  readonly #patienceMs: number;
  readonly #freshness: Freshness;
  readonly #byName = new Map<string, Entry>();
  readonly #named = new Map<string, NamespaceLabels>();
  #synced = Promise.withResolvers<void>();
  #isSynced = false;
  #isExpected = false;
  #isForgetful = false;

  constructor({ most, patienceMs, ...options }: NamespaceDirectoryOptions = {}) {
    this.#most = most ?? MAX_NAMESPACES;
    this.#patienceMs = patienceMs ?? PATIENCE_MS;
    this.#freshness = new Freshness(options);
  }

  get size(): number {
    return this.#byName.size;
  }

  /** Whether it was told of all namespaces once. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  /** Whether who starts still waits for them. */
  get isExpected(): boolean {
    return this.#isExpected;
  }

  /** How long ago the API server said something of them; before it ever did, since when it is waited for. */
  get ageMs(): number {
    return this.#freshness.ageMs;
  }

  /** Has who starts wait until they are known. */
  expect(): void {
    this.#isExpected = !this.#isSynced;
  }

  /** Resolves when they are known, or a moment is over. */
  async untilSynced(): Promise<void> {
    if (this.#isSynced) return;
    const over = new AbortController();
    const patience = delay(this.#patienceMs, undefined, { signal: over.signal }).catch(() => {});
    await Promise.race([this.#synced.promise, patience]);
    over.abort();
  }

  /** Whether nothing is known of them any more where the API server has not been heard for too long. */
  forgetWhenStale(isForgetful: boolean): void {
    this.#isForgetful = isForgetful;
  }

  /** Undefined: nothing is known of it. */
  find(name: string): Entry | undefined {
    return this.#isForgetful && this.#freshness.isStale ? undefined : this.#byName.get(name);
  }

  /** Its labels as they will be when they are asked for; for one name mostly the same object. */
  named(name: string): NamespaceLabels {
    const known = this.#named.get(name);
    if (known !== undefined) return known;
    if (this.#named.size >= MAX_NAMES) this.#named.clear();
    const namespace = new NamedNamespace(this, name);
    this.#named.set(name, namespace);
    return namespace;
  }

  /** Takes over what the API server says. */
  take({ isAll, changes, ageMs }: NamespaceNews): void {
    if (isAll) this.#byName.clear();
    for (const change of changes) this.#apply(change);
    if (isAll) {
      this.#isSynced = true;
      this.#isExpected = false;
      this.#synced.resolve();
    }
    this.#freshness.heard(ageMs);
  }

  /** All that another process has to be told to begin with; undefined: nothing is known yet. */
  all(): NamespaceNews | undefined {
    if (!this.#isSynced) return undefined;
    const changes = [...this.#byName].map(
      ([name, { labels, hasAllLabels }]): Namespace => ({ name, labels: labels.list, hasAllLabels }),
    );
    return { isAll: true, changes, ageMs: this.ageMs };
  }

  /** Knows nothing any more. */
  clear(): void {
    this.#byName.clear();
    this.#isSynced = false;
    this.#isExpected = false;
    this.#synced = Promise.withResolvers<void>();
    this.#freshness.reset();
  }

  #apply(change: NamespaceChange): void {
    if (typeof change === 'string') {
      this.#byName.delete(change);
      return;
    }
    const { name, labels, hasAllLabels } = change;
    if (this.#byName.size >= this.#most && !this.#byName.has(name)) return;
    this.#byName.set(name, { labels: new LabelSet(name, labels), hasAllLabels });
  }
}
