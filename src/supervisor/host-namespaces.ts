/** What a host with workers knows of namespaces, and tells all of them: changes as they come, for these are few. */
import type { NamespaceDirectory, NamespaceNews } from '#pods/namespace-directory.ts';
import { Contact } from './contact.ts';

export class HostNamespaces {
  readonly #directory: NamespaceDirectory;
  readonly #tell: (news: NamespaceNews) => void;
  readonly #contact: Contact;

  /** `now` gives monotonic milliseconds; tests pass their own. */
  constructor(
    directory: NamespaceDirectory,
    tell: (news: NamespaceNews) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#directory = directory;
    this.#tell = tell;
    this.#contact = new Contact(directory, now);
  }

  hear(news: NamespaceNews): void {
    this.#directory.take(news);
    if (!news.isAll && news.changes.length === 0 && !this.#contact.isDue) return;
    this.#contact.told();
    this.#tell(news);
  }
}
