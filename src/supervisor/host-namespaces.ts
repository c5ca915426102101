/** What a host with workers knows of namespaces, and tells all of them: changes as they come, for these are few. */
import type { NamespaceDirectory, NamespaceNews } from '#pods/namespace-directory.ts';

/** Workers are told at least so often that the API server is there. */
const CONTACT_MS = 10_000;

export class HostNamespaces {
  readonly #directory: NamespaceDirectory;
  readonly #tell: (news: NamespaceNews) => void;
  readonly #now: () => number;
  #toldMs = 0;

  /** `now` gives monotonic milliseconds; tests pass their own. */
  constructor(
    directory: NamespaceDirectory,
    tell: (news: NamespaceNews) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#directory = directory;
    this.#tell = tell;
    this.#now = now;
  }

  hear(news: NamespaceNews): void {
    this.#directory.take(news);
    if (!news.isAll && news.changes.length === 0 && !this.#isContactDue()) return;
    this.#toldMs = this.#now();
    this.#tell(news);
  }

  /** Before the first list there is nothing of which it could be said that it is still so. */
  #isContactDue(): boolean {
    return this.#directory.isSynced && this.#now() - this.#toldMs >= CONTACT_MS;
  }
}
