/** Places of clients that are given a body from disk piece by piece: for as long as one takes its answer, a file is open and a piece in memory. */

/** Each is an open file. */
const MAX_BODIES = 256;

/** What kept answers and these have in common. */
export interface SharedMemory {
  /** Promises so many bytes. @returns whether there are any */
  readonly reserve: (bytes: number) => boolean;
  readonly release: (bytes: number) => void;
}

/** Gives a place back; a second call changes nothing. */
export type GiveBack = () => void;

export class BodyPlaces {
  readonly #memory: SharedMemory;
  #taken = 0;
  /** How often there was none. */
  refusals = 0;

  constructor(memory: SharedMemory) {
    this.#memory = memory;
  }

  /** For one who holds so many bytes at a time; undefined: there is no place. */
  take(bytes: number): GiveBack | undefined {
    if (this.#taken === MAX_BODIES || !this.#memory.reserve(bytes)) {
      this.refusals += 1;
      return undefined;
    }
    this.#taken += 1;
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#taken -= 1;
      this.#memory.release(bytes);
    };
  }
}
