/**
 * Answers of what is kept, ready as bytes: whoever asks for all of one within the same second of its age gets the same, so that a hit
 * that comes often costs no text. Only what is asked for again within such a second is made ready; the oldest of many makes room.
 */

/** Each of {@link MAX_READY_BYTES} at most, so that all of them take no more than 4 MiB. */
const PLACES = 256;
/** Longer ones are not kept; of an answer with a larger body only the head is made ready. */
export const MAX_READY_BYTES = 16 * 1024;

/** Of one kept answer, what clients get of it. */
export class ReadyAnswer {
  #age = -1;
  #ttl = 0;
  #connection = '';
  /** Among all. */
  place = 0;
  /** Undefined while nothing is ready. Never changed, so that they can be lent to a write. */
  bytes: Buffer | undefined = undefined;
  /** Whether the body is among them, and not only the head. */
  isWhole = false;

  /**
   * Whether this is what was said last, of its time in seconds and by the fields of the connection: the rest of an answer is the kept
   * one's. Else it is from now on, and nothing is ready any more.
   */
  isOf(age: number, ttl: number, connection: string): boolean {
    if (this.#age === age && this.#ttl === ttl && this.#connection === connection) return true;
    this.#age = age;
    this.#ttl = ttl;
    this.#connection = connection;
    this.bytes = undefined;
    return false;
  }
}

export class ReadyAnswers {
  readonly #places: (ReadyAnswer | undefined)[] = new Array(PLACES).fill(undefined);
  #next = 0;

  /** Keeps the bytes of `answer`, with the body among them or not. Long ones it does not. */
  keep(answer: ReadyAnswer, bytes: Buffer, isWhole: boolean): void {
    if (bytes.length > MAX_READY_BYTES) return;
    if (this.#places[answer.place] !== answer) this.#seat(answer);
    answer.bytes = bytes;
    answer.isWhole = isWhole;
  }

  #seat(answer: ReadyAnswer): void {
    const place = this.#next;
    this.#next = (place + 1) % PLACES;
    const before = this.#places[place];
    if (before !== undefined) before.bytes = undefined;
    this.#places[place] = answer;
    answer.place = place;
  }
}
