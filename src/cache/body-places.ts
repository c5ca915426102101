/**
 * Places of clients that are given a body from disk piece by piece: for as long as one takes its answer, a file is open and a piece in
 * memory. Slow clients leave to others half of the memory, and one of them leaves most places to the others.
 */

/** Each is an open file. */
const MAX_BODIES = 256;
/** Of the memory, what they hold together. */
const MEMORY_SHARE = 1 / 2;
/** Of the places, and of what they hold together, what one client has. */
const CLIENT_SHARE = 1 / 4;

/** What kept answers and these have in common. */
export interface SharedMemory {
  readonly maxBytes: number;
  /** Promises so many bytes. @returns whether there are any */
  readonly reserve: (bytes: number) => boolean;
  readonly release: (bytes: number) => void;
}

/** Gives a place back; a second call changes nothing. */
export type GiveBack = () => void;

/** What is taken. */
interface Taken {
  places: number;
  bytes: number;
}

export class BodyPlaces {
  readonly #memory: SharedMemory;
  readonly #maxBytes: number;
  readonly #all: Taken = { places: 0, bytes: 0 };
  /** Those who have any. */
  readonly #byClient = new Map<string, Taken>();
  /** How often there was none. */
  refusals = 0;

  constructor(memory: SharedMemory) {
    this.#memory = memory;
    this.#maxBytes = memory.maxBytes * MEMORY_SHARE;
  }

  /** For a client that holds so many bytes at a time; undefined: there is no place for it. */
  take(bytes: number, client: string): GiveBack | undefined {
    const own = this.#byClient.get(client) ?? { places: 0, bytes: 0 };
    if (!(this.#mayTake(bytes, own) && this.#memory.reserve(bytes))) {
      this.refusals += 1;
      return undefined;
    }
    this.#byClient.set(client, own);
    count([this.#all, own], 1, bytes);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      count([this.#all, own], -1, -bytes);
      if (own.places === 0) this.#byClient.delete(client);
      this.#memory.release(bytes);
    };
  }

  #mayTake(bytes: number, own: Taken): boolean {
    if (this.#all.places >= MAX_BODIES || this.#all.bytes + bytes > this.#maxBytes) return false;
    // A quarter of little memory may be less than one takes.
    if (own.places === 0) return true;
    return own.places < MAX_BODIES * CLIENT_SHARE && own.bytes + bytes <= this.#maxBytes * CLIENT_SHARE;
  }
}

function count(all: readonly Taken[], places: number, bytes: number): void {
  for (const taken of all) {
    taken.places += places;
    taken.bytes += bytes;
  }
}
