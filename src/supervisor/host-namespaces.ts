/** What a host with workers knows of namespaces, and tells all of them: changes as they come, for these are few. */
import type { NamespaceDirectory, NamespaceNews } from '#pods/namespace-directory.ts';

/** Workers are told at least so often that the API server is there. */
const CONTACT_MS = 10_000;

export class HostNamespaces {
  readonly #directory: NamespaceDirectory;
  readonly #tell: (news: NamespaceNews) => void;
  #toldMs = 0;

  constructor(directory: NamespaceDirectory, tell: (news: NamespaceNews) => void) {
    this.#directory = directory;
    this.#tell = tell;
  }

  hear(news: NamespaceNews): void {
    this.#directory.take(news);
    const nowMs = performance.now();
    if (!news.isAll && news.changes.length === 0 && nowMs - this.#toldMs < CONTACT_MS) return;
    this.#toldMs = nowMs;
    this.#tell(news);
  }
}
