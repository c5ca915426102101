/** Why nothing is kept of an answer, as far as that was seen: for people who ask (`weir cache why`), and nothing goes by it. */
import { PurgedHosts } from './purged-hosts.ts';

export interface Note {
  /** A word of {@link file://./storable.ts}, or of who noted it. */
  readonly why: string;
  /** Of the answer; undefined: it is about none. */
  readonly status: number | undefined;
  readonly atMs: number;
}

/** The last that were noted; the oldest goes. */
const MAX_NOTES = 512;
/** What is longer is asked for by nobody by hand. */
const MAX_NOTED_URL = 2048;

export class Notes {
  readonly purgedHosts = new PurgedHosts();
  readonly #byUrl = new Map<string, Note>();

  put(url: string, note: Note): void {
    if (url.length > MAX_NOTED_URL) return;
    this.#byUrl.delete(url);
    this.#byUrl.set(url, note);
    if (this.#byUrl.size <= MAX_NOTES) return;
    const [oldest] = this.#byUrl.keys();
    this.#byUrl.delete(oldest as string);
  }

  /** Something is kept under it now. */
  forget(url: string): void {
    this.#byUrl.delete(url);
  }

  of(url: string): Note | undefined {
    return this.#byUrl.get(url);
  }
}
