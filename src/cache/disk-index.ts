/**
 * Which files of kept answers there are that this process counts, by hash of URL, within so many bytes; those that were used last
 * stay. Some 170 bytes of memory an answer (docs/caching.md): no URL, no head, nothing of a body.
 */

export interface IndexedFile {
  /** Of its name, what follows the URL. */
  readonly rest: string;
  /** What it takes on disk. */
  readonly bytes: number;
}

/** With the URL's hash. */
export interface PlacedFile extends IndexedFile {
  readonly url: string;
}

/** Answers of one URL; the oldest goes. */
const MAX_VARIANTS = 32;
/** Names are the same for most answers of an origin, and then take memory once. */
const MAX_SHARED_RESTS = 4096;

export class DiskIndex {
  readonly maxBytes: number;
  /** Used longest ago first; newest answer first. */
  readonly #files = new Map<string, readonly IndexedFile[]>();
  readonly #rests = new Map<string, string>();
  #bytes = 0;
  #size = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether there is more than may be. */
  get isOver(): boolean {
    return this.#bytes > this.maxBytes;
  }

  /** Answers. */
  get size(): number {
    return this.#size;
  }

  /** Whether there is anything of a URL. Counts as no use. */
  has(url: string): boolean {
    return this.#files.has(packed(url));
  }

  /** Newest first. Counts as a use. */
  of(url: string): readonly IndexedFile[] {
    return this.#use(packed(url)) ?? [];
  }

  /** As if it were used now: others make way before it. */
  touch(url: string): void {
    this.#use(packed(url));
  }

  /** Takes the place of one of the same name. @returns those that are too many, and count until they are dropped */
  add({ url, rest, bytes }: PlacedFile): readonly PlacedFile[] {
    this.drop(url, rest);
    const key = packed(url);
    const files = [{ rest: this.#shared(rest), bytes }, ...(this.#files.get(key) ?? [])];
    this.#files.delete(key);
    this.#files.set(key, files);
    this.#bytes += bytes;
    this.#size += 1;
    return files.slice(MAX_VARIANTS).map((file) => ({ url, ...file }));
  }

  drop(url: string, rest: string): void {
    const key = packed(url);
    const files = this.#files.get(key) ?? [];
    const file = files.find((each) => each.rest === rest);
    if (file === undefined) return;
    this.#bytes -= file.bytes;
    this.#size -= 1;
    if (files.length === 1) this.#files.delete(key);
    else
      this.#files.set(
        key,
        files.filter((each) => each !== file),
      );
  }

  /** What was unused for longest, the oldest of a URL first, for as long as there is no room for `bytes` more: drop what is gone. */
  *leaving(bytes: number): Generator<PlacedFile> {
    for (const [key, files] of this.#files)
      for (const file of files.toReversed()) {
        if (this.#bytes + bytes <= this.maxBytes) return;
        yield { url: unpacked(key), ...file };
      }
  }

  #use(key: string): readonly IndexedFile[] | undefined {
    const files = this.#files.get(key);
    if (files === undefined) return undefined;
    this.#files.delete(key);
    this.#files.set(key, files);
    return files;
  }

  /** One string for all that are the same. */
  #shared(rest: string): string {
    const shared = this.#rests.get(rest);
    if (shared !== undefined) return shared;
    if (this.#rests.size >= MAX_SHARED_RESTS) this.#rests.clear();
    // A copy: a piece of a longer string would keep all of that.
    const copy = Buffer.from(rest, 'latin1').toString('latin1');
    this.#rests.set(copy, copy);
    return copy;
  }
}

/** Half as long. */
function packed(url: string): string {
  return Buffer.from(url, 'hex').toString('latin1');
}

function unpacked(key: string): string {
  return Buffer.from(key, 'latin1').toString('hex');
}
