/** When workers are told that the API server is there, where it has nothing new: at least so often, and never before its first list. */
const CONTACT_MS = 10_000;

export class Contact {
  readonly #directory: { readonly isSynced: boolean };
  readonly #now: () => number;
  #toldMs = 0;

  /** `directory` is what they are told of; `now` gives monotonic milliseconds. */
  constructor(directory: { readonly isSynced: boolean }, now: () => number) {
    this.#directory = directory;
    this.#now = now;
  }

  /** Before the first list there is nothing of which it could be said that it is still so. */
  get isDue(): boolean {
    return this.#directory.isSynced && this.#now() - this.#toldMs >= CONTACT_MS;
  }

  /** They are told something now. */
  told(): void {
    this.#toldMs = this.#now();
  }
}
