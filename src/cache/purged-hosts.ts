/** Which hosts were purged, and when, as far as that is remembered: for people who ask (`weir cache why`), and nothing goes by it. */
import type { PurgeTarget } from './purge-target.ts';

export interface HostPurge {
  /** With its port, where it was purged at that one alone. */
  readonly host: string;
  readonly atMs: number;
}

/** The last that were purged; the oldest goes. */
const MAX_PURGED_HOSTS = 256;

export class PurgedHosts {
  readonly #byHost = new Map<string, { readonly urls: readonly string[]; readonly atMs: number }>();

  put({ name, urls }: PurgeTarget, atMs: number): void {
    this.#byHost.delete(name);
    this.#byHost.set(name, { urls, atMs });
    if (this.#byHost.size <= MAX_PURGED_HOSTS) return;
    const [oldest] = this.#byHost.keys();
    this.#byHost.delete(oldest as string);
  }

  /** The last by which all of the URL's host went. */
  of(url: string): HostPurge | undefined {
    let last: HostPurge | undefined;
    for (const [host, { urls, atMs }] of this.#byHost)
      if (urls.some((beginning) => url.startsWith(beginning))) last = { host, atMs };
    return last;
  }
}
