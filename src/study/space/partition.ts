/**
 * One dimension of requests, cut into classes that no matcher tells apart. There are as many classes as matchers make of
 * it, not as entries are in their lists: a list of 100,000 names is one matcher.
 */

/** A class stands for all its members. */
export interface Partition<V> {
  /** A member of each class. */
  readonly samples: readonly V[];
  /** By matcher, the classes for which it holds. */
  readonly holds: readonly ReadonlySet<number>[];
}

/** Gathers members with what holds for them; the first member of a class becomes its sample. */
export class Classes<V> {
  readonly #indexes = new Map<bigint, number>();
  readonly #samples: V[] = [];

  /** @param signature one bit for each matcher that holds for the member, the first the lowest */
  add(signature: bigint, member: V): void {
    if (this.#indexes.has(signature)) return;
    this.#indexes.set(signature, this.#samples.length);
    this.#samples.push(member);
  }

  partition(matchers: number): Partition<V> {
    const holds = Array.from({ length: matchers }, () => new Set<number>());
    for (const [signature, index] of this.#indexes) {
      for (const matcher of bitsOf(signature)) holds[matcher]?.add(index);
    }
    return { samples: this.#samples, holds };
  }
}

/** The bit of a matcher in a signature. */
export function bitOf(matcher: number): bigint {
  return 1n << BigInt(matcher);
}

function* bitsOf(signature: bigint): Generator<number> {
  for (const [fromEnd, digit] of [...signature.toString(2)].reverse().entries())
    if (digit === '1') yield fromEnd;
}
